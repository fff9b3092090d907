// One tap on a code marks all of it; where the clipboard is open to us, a button copies it.
if (navigator.clipboard) {
  const reveal = () => {
    for (const button of document.querySelectorAll('[data-copy][hidden]')) button.hidden = false;
  };
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    const words = button.querySelector('span');
    words.setAttribute('role', 'status');
    await navigator.clipboard.writeText(button.parentElement.querySelector('[data-copy-text]').dataset.copyText);
    words.textContent = button.dataset.copied;
    button.dataset.done = '';
  });
  // What came to the page later brings buttons of its own.
  document.addEventListener('emta:changed', reveal);
  reveal();
}
