/**
 * What is run inside a page. Plain texts, since none of it belongs to this process: a page has no modules of ours, and
 * this project has no types of the DOM.
 */

/** The page as it stands, scripts' work included: what is typed in, and what is not shown marked as hidden. */
export const readPage = `(() => {
  const skipped = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT', 'OPTION', 'OPTGROUP', 'BR', 'WBR', 'AREA', 'SOURCE', 'TRACK', 'COL']);
  const root = document.documentElement;
  const clone = root.cloneNode(true);
  const live = [root, ...root.querySelectorAll('*')];
  const copies = [clone, ...clone.querySelectorAll('*')];
  const shadows = [];
  live.forEach((element, index) => {
    const copy = copies[index];
    if (element instanceof HTMLInputElement) {
      if (element.type === 'checkbox' || element.type === 'radio') copy.toggleAttribute('checked', element.checked);
      else if (!['password', 'file', 'hidden'].includes(element.type) && element.value !== (element.getAttribute('value') ?? ''))
        copy.setAttribute('value', element.value);
    } else if (element instanceof HTMLTextAreaElement) copy.textContent = element.value;
    else if (element instanceof HTMLOptionElement) copy.toggleAttribute('selected', element.selected);
    if (element.shadowRoot !== null) shadows.push([copy, element.shadowRoot.innerHTML]);
    if (document.body === null || !document.body.contains(element) || element === document.body) return;
    if (skipped.has(element.tagName) || !(element instanceof HTMLElement)) return;
    if (!element.checkVisibility({ visibilityProperty: true })) copy.setAttribute('hidden', '');
  });
  for (const [copy, markup] of shadows) copy.insertAdjacentHTML('beforeend', markup);
  return { url: location.href, html: '<!doctype html>' + clone.outerHTML };
})()`;

/** An act on a page: a link followed or a form sent, as a person would, so that the page's own scripts take part. */
export interface PageAct {
  readonly kind: 'link' | 'form';
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly fields: readonly (readonly [string, string])[];
}

/**
 * Does the act with a link or a form that the page has. Answers `none` where it has none; `sent` where the browser is now
 * on its way; and where a script of the page took it over, `plain` for a form that would work without script too, else
 * `taken`. What HTML alone forbids (`required`, `pattern`) is not obeyed: a server must not rely on it.
 */
export const actOn = (act: PageAct): string => `((act) => {
  const bare = (address) => { const url = new URL(address, document.baseURI); url.hash = ''; return url; };
  const wanted = bare(act.url);
  const isTaken = (type, press) => {
    let taken = true;
    const look = (event) => { taken = event.defaultPrevented; };
    window.addEventListener(type, look, { once: true });
    press();
    window.removeEventListener(type, look);
    return taken;
  };
  if (act.kind === 'link') {
    const link = [...document.links].find((one) => /^https?:/.test(one.protocol) && bare(one.href).href === wanted.href);
    if (link === undefined) return 'none';
    if (link.target !== '' && link.target !== '_self') link.target = '_self';
    const isHere = link.hash !== '' && bare(location.href).href === wanted.href;
    return isTaken('click', () => link.click()) || isHere ? 'taken' : 'sent';
  }
  const isSame = (address) => {
    const url = bare(address);
    if (act.method === 'GET') return url.origin === wanted.origin && url.pathname === wanted.pathname;
    return url.href === wanted.href;
  };
  const controls = (form) => [...form.elements].filter((one) => one.name !== '' && 'value' in one);
  const isButton = (one) => ['submit', 'button', 'image', 'reset', 'file'].includes(one.type);
  const names = new Set(act.fields.map(([name]) => name));
  const buttonsOf = (form) => [...form.elements].filter((one) => one.type === 'submit' || one.type === 'image');
  const methodOf = (element, name, otherwise) => (element.getAttribute(name) ?? otherwise).toUpperCase();
  const candidates = [...document.forms].flatMap((form) => {
    const method = methodOf(form, 'method', 'get');
    const action = form.getAttribute('action') || location.href;
    const own = method === act.method && isSame(action) ? [{ form, button: undefined }] : [];
    const moved = buttonsOf(form)
      .filter((one) => one.hasAttribute('formaction') && isSame(one.getAttribute('formaction')) && methodOf(one, 'formmethod', method) === act.method)
      .map((button) => ({ form, button }));
    return [...own, ...moved];
  });
  const score = ({ form }) => controls(form).filter((one) => names.has(one.name)).length - controls(form).filter((one) => !isButton(one) && !names.has(one.name)).length / 100;
  const [best] = candidates.sort((a, b) => score(b) - score(a));
  if (best === undefined) return 'none';
  const { form } = best;
  const pairs = act.fields.map(([name, value]) => ({ name, value }));
  const put = (element, property, value) => {
    const prototype = Object.getPrototypeOf(element);
    const setter = Object.getOwnPropertyDescriptor(prototype, property)?.set;
    if (setter === undefined) element[property] = value;
    else setter.call(element, value);
    for (const type of ['input', 'change']) element.dispatchEvent(new Event(type, { bubbles: true }));
  };
  const take = (test) => { const index = pairs.findIndex(test); return index < 0 ? undefined : pairs.splice(index, 1)[0]; };
  const button = best.button ?? buttonsOf(form).find((one) => one.name !== '' && pairs.some(({ name, value }) => name === one.name && value === one.value))
    ?? buttonsOf(form).find((one) => one.name === '' && !one.hasAttribute('formaction'));
  if (button !== undefined && button.name !== '') take(({ name, value }) => name === button.name && value === button.value);
  for (const element of controls(form)) {
    if (isButton(element)) continue;
    if (element.type === 'radio' || element.type === 'checkbox') {
      const found = take(({ name, value }) => name === element.name && value === element.value);
      if (element.checked !== (found !== undefined)) put(element, 'checked', found !== undefined);
      continue;
    }
    const found = take(({ name }) => name === element.name);
    if (found === undefined) { element.disabled = true; continue; }
    element.disabled = false;
    if (element.tagName === 'SELECT' && ![...element.options].some(({ value }) => value === found.value)) element.add(new Option(found.value, found.value));
    if (element.value !== found.value) put(element, 'value', found.value);
  }
  for (const { name, value } of pairs) {
    const extra = document.createElement('input');
    extra.type = 'hidden';
    extra.name = name;
    extra.value = value;
    form.append(extra);
  }
  form.noValidate = true;
  if (form.target !== '' && form.target !== '_self') form.target = '_self';
  globalThis.__lastForm = form;
  const press = () => (button === undefined ? form.requestSubmit() : form.requestSubmit(button));
  if (!isTaken('submit', press)) return 'sent';
  return form.hasAttribute('action') ? 'plain' : 'taken';
})(${JSON.stringify(act)})`;

/** Comes back once the page has done all that it had in hand. */
export const answersAtLast = `new Promise((done) => setTimeout(() => setTimeout(done)))`;

/** Sends the form of the last act past the page's scripts, as a browser without script does. */
export const sendPlain = `HTMLFormElement.prototype.submit.call(globalThis.__lastForm)`;

/** The act on an empty page that stands where the person came from. */
export const actOnEmptyPage = (act: PageAct): string => `((act) => {
  if (act.kind === 'link') { location.assign(act.url); return; }
  const form = document.createElement('form');
  form.method = act.method;
  form.action = act.url;
  for (const [name, value] of act.fields) {
    const field = document.createElement('textarea');
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
})(${JSON.stringify(act)})`;

/** A window that a page opens starts empty and is filled once it is watched. */
export const watchedWindows = `(() => {
  const open = window.open.bind(window);
  window.open = (url, name, features) => {
    if (name === '_self' || name === '_top' || name === '_parent') return open(url, name, features);
    const opened = open('', name, features);
    if (opened !== null && url !== undefined && String(url) !== '') globalThis.emtaOpened(new URL(String(url), document.baseURI).href);
    return opened;
  };
})()`;

/** Puts bars over names and over every longer number, and keeps what stood there. */
export const blankPage = (words: readonly string[]): string => `((words) => {
  const kept = [];
  const bar = (found) => '\\u2588'.repeat(found.length);
  const escaped = words.map((word) => word.replace(/[.*+?^\${}()|[\\]\\\\]/g, '\\\\$&'));
  const names = new RegExp('(?<![\\\\p{L}\\\\p{M}])(?:' + escaped.join('|') + ')(?![\\\\p{L}\\\\p{M}])', 'gu');
  const hide = (text) => (words.length === 0 ? text : text.replace(names, bar))
    .replace(/[0-9\\u06f0-\\u06f9\\u0660-\\u0669](?:[\\s/.-]?[0-9\\u06f0-\\u06f9\\u0660-\\u0669]){4,}/g, bar);
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue;
    const hidden = hide(text);
    if (hidden !== text) { kept.push(() => { node.nodeValue = text; }); node.nodeValue = hidden; }
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]),textarea')) {
    const text = field.value;
    const hidden = hide(text);
    if (hidden === text || field.type === 'file') continue;
    const type = field.type;
    kept.push(() => { field.type = type; field.value = text; });
    if (field.tagName === 'INPUT') field.type = 'text';
    field.value = hidden;
  }
  globalThis.__unblank = () => { for (const restore of kept) restore(); };
})(${JSON.stringify(words)})`;

export const unblankPage = `globalThis.__unblank()`;
