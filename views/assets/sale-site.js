// The circular's «the button is off until the starred fields are filled»; without script the server says what is missing.
const form = document.querySelector('main form');
const button = form.querySelector('button[type="submit"]');
const starred = [...form.querySelectorAll('[aria-required="true"]')];

function update() {
  button.disabled = starred.some((field) => field.value.trim() === '');
}

form.addEventListener('input', update);
// A browser fills in fields after the page has run.
addEventListener('pageshow', update);
update();
