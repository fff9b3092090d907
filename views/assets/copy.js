// One tap on a code marks all of it; where the clipboard is open to us, a button copies it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll('[data-copy]')) {
    const words = button.querySelector('span');
    words.setAttribute('role', 'status');
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector('[data-copy-text]').dataset.copyText);
      words.textContent = button.dataset.copied;
    });
  }
}
