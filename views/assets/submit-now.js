// Presses the button of a page that only hands its fields on.
document.querySelector('form[data-submit-now]').requestSubmit();
