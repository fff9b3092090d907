// Plays the sound without leaving the page, and says so where the picture or the sound cannot be had.
for (const captcha of document.querySelectorAll('[data-captcha]')) {
  const failed = captcha.querySelector('.captcha-failed');
  const picture = captcha.querySelector('img');
  const link = captcha.querySelector('a[href]');
  const sayImageFailed = () => {
    failed.textContent = failed.dataset.imageFailed;
  };
  // The picture may have failed before this script came.
  if (picture.complete && picture.naturalWidth === 0) sayImageFailed();
  picture.addEventListener('error', sayImageFailed);
  link.addEventListener('click', async (event) => {
    event.preventDefault();
    try {
      await new Audio(link.href).play();
      failed.textContent = '';
    } catch {
      failed.textContent = failed.dataset.audioFailed;
    }
  });
}
