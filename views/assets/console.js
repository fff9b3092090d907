// Keeps an open page as the server would show it now. Without this script a reload does the same.
const events = document.body.dataset.events;
const connection = document.querySelector('[data-connection]');
const places = [...document.querySelectorAll('[data-live]')];

if (events && connection) {
  const source = new EventSource(events);
  source.addEventListener('open', () => say('on'));
  source.addEventListener('error', () => say('off'));
  if (places.length > 0) for (const kind of ['journey', 'message', 'exchange']) source.addEventListener(kind, soon);
  // A stream held open would keep the browser from putting the page aside as it is.
  addEventListener('pagehide', () => source.close());
}

function say(state) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  connection.title = connection.dataset[state];
  connection.querySelector('[data-part="text"]').textContent = connection.dataset[state];
}

let waiting = false;
let isRunning = false;

/** Events come in bursts; one look at the server serves them all. */
async function soon() {
  if (isRunning) {
    waiting = true;
    return;
  }
  isRunning = true;
  do {
    waiting = false;
    await new Promise((resolve) => setTimeout(resolve, 150));
    await refresh();
  } while (waiting);
  isRunning = false;
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const place of places) {
    const now = fresh.getElementById(place.id);
    if (now) mend(place, now);
  }
  document.dispatchEvent(new Event('emta:changed'));
}

/** Makes `old` like `now`, touching only what differs, so that focus, selection and opened details stay. */
function mend(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeName !== now.nodeName || old.id !== now.id || !old.hasChildNodes() || !now.hasChildNodes()) {
    old.replaceWith(now.cloneNode(true));
    return;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const known = new Map([...old.children].filter(({ id }) => id).map((child) => [child.id, child]));
  let next = old.firstChild;
  for (const child of [...now.childNodes]) {
    const same = child.id ? known.get(child.id) : undefined;
    if (same) {
      if (same !== next) old.insertBefore(same, next);
      next = same.nextSibling;
      mend(same, child);
    } else if (next && !next.id && !child.id && next.nodeType === child.nodeType) {
      const following = next.nextSibling;
      if (next.nodeType === Node.ELEMENT_NODE) mend(next, child);
      else if (next.nodeValue !== child.nodeValue) next.nodeValue = child.nodeValue;
      next = following;
    } else {
      old.insertBefore(child.cloneNode(true), next);
    }
  }
  while (next) {
    const following = next.nextSibling;
    next.remove();
    next = following;
  }
}
