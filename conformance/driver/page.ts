import { type CheerioAPI, load } from 'cheerio';

type Node = Exclude<ReturnType<CheerioAPI['root']>[number], undefined>['children'][number];
type Element = Extract<Node, { readonly attribs: unknown }>;

/** One control of a form, with what it would send. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly label: string;
  readonly testId?: string;
  readonly checked: boolean;
  readonly required: boolean;
  readonly readOnly: boolean;
  /** `formaction` and `formmethod` of a button. */
  readonly action?: string;
  readonly method?: 'GET' | 'POST';
  /** The values of a `select`, the group of a radio button. */
  readonly options: readonly string[];
}

export interface Form {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly fields: readonly Field[];
  readonly text: string;
  /** A script sends it without anybody pressing a button. */
  readonly submitsItself: boolean;
}

export interface Link {
  readonly href: string;
  readonly raw: string;
  readonly text: string;
}

/** What a citizen has before him, and what a machine can read off it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly title: string;
  readonly lang: string;
  readonly dir: string;
  /** What can be seen, white space collapsed. */
  readonly text: string;
  readonly forms: readonly Form[];
  readonly links: readonly Link[];
  readonly refresh?: { readonly seconds: number; readonly url: string };
  /** Where an inline script of an otherwise empty page leads. */
  readonly scriptedMove?: string;
  /** Scripts, styles, pictures and frames, resolved. */
  readonly resources: readonly string[];
  /** Draws itself by script alone: an HTTP driver sees nothing of it. */
  readonly isShell: boolean;
  /** `data-*` of the body. */
  readonly data: Readonly<Record<string, string>>;
  /** The trimmed text, or an attribute, of the first element that fits; undefined when none does. */
  select(selector: string, attribute?: string): string | undefined;
}

const unseen = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'head',
  'title',
  'meta',
  'link',
  'svg',
  'iframe',
  'object',
]);
const inline = new Set([
  'a',
  'abbr',
  'b',
  'bdi',
  'bdo',
  'cite',
  'code',
  'data',
  'del',
  'dfn',
  'em',
  'i',
  'ins',
  'kbd',
  'mark',
  'q',
  's',
  'samp',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
  'time',
  'u',
  'var',
  'wbr',
  'font',
]);
const hiddenByStyle = /display\s*:\s*none|visibility\s*:\s*hidden/i;

export const isMarkup = (contentType: string, body: string): boolean =>
  /html|xml/i.test(contentType) || (contentType === '' && /^\s*</.test(body));

/** Absolute form of a reference, or undefined where it is no address. */
export function resolve(reference: string, base: string): string | undefined {
  try {
    return new URL(reference.trim(), base).href;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_INVALID_URL')
      return undefined;
    throw error;
  }
}

function isHidden(name: string, attributes: Readonly<Record<string, string>>): boolean {
  if (unseen.has(name) || attributes.hidden !== undefined || attributes['aria-hidden'] === 'true') return true;
  if (name === 'input' && attributes.type?.toLowerCase() === 'hidden') return true;
  return attributes.style !== undefined && hiddenByStyle.test(attributes.style);
}

/** Text as it is seen: what is hidden left out, the words of buttons put in, blocks set apart. */
function collectText(nodes: readonly Node[], into: string[]): void {
  for (const node of nodes) {
    if (node.type === 'text') into.push(node.data);
    if (node.type !== 'tag') continue;
    if (isHidden(node.name, node.attribs)) continue;
    const gap = inline.has(node.name) ? '' : ' ';
    into.push(gap);
    if (node.name === 'input' && ['submit', 'button', 'reset'].includes(node.attribs.type?.toLowerCase() ?? ''))
      into.push(node.attribs.value ?? '');
    if (node.name === 'img') into.push(node.attribs.alt ?? '');
    collectText(node.children, into);
    into.push(gap);
  }
}

const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** All text within, seen or not. */
const textOf = (element: Element): string =>
  element.children
    .map((child) => (child.type === 'text' ? child.data : 'attribs' in child ? textOf(child) : ''))
    .join('');

/** Every element in the order of the document, found in one walk; what stands in a template is not there yet. */
function elementsOf(nodes: readonly Node[], into: Element[] = []): readonly Element[] {
  for (const node of nodes) {
    if (!('attribs' in node)) continue;
    into.push(node);
    if (node.name !== 'template') elementsOf(node.children, into);
  }
  return into;
}

/** The nearest element of this name around another. */
function around(element: Element, name: string): Element | undefined {
  for (let { parent } = element; parent !== null; { parent } = parent)
    if ('name' in parent && parent.name === name) return parent;
  return undefined;
}

const isInside = (element: Element, outer: Element): boolean => {
  for (let { parent } = element; parent !== null; { parent } = parent) if (parent === outer) return true;
  return false;
};

/** A parsed document, asked by the names of its elements. */
interface Document {
  readonly url: string;
  /** What references count from. */
  readonly base: string;
  all(...names: readonly string[]): readonly Element[];
  first(name: string): Element | undefined;
  /** What labels say, by the id that they are for. */
  readonly labels: () => ReadonlyMap<string, string>;
}

function documentOf($: CheerioAPI, url: string): Document {
  const elements = elementsOf($.root().get(0)?.children ?? []);
  const all = (...names: readonly string[]) => elements.filter(({ name }) => names.includes(name));
  const first = (wanted: string) => elements.find(({ name }) => name === wanted);
  const from = all('base').find(({ attribs }) => attribs.href !== undefined)?.attribs.href;
  return {
    url,
    base: (from === undefined ? undefined : resolve(from, url)) ?? url,
    all,
    first,
    labels: once(() => {
      const labels = new Map<string, string>();
      for (const label of all('label')) {
        const { for: target } = label.attribs;
        if (target !== undefined && !labels.has(target)) labels.set(target, textOf(label));
      }
      return labels;
    }),
  };
}

function labelOf({ labels }: Document, control: Element): string {
  const { id, 'aria-label': named, placeholder } = control.attribs;
  const wrapping = around(control, 'label');
  const own = (id === undefined ? '' : labels().get(id)) || (wrapping === undefined ? '' : textOf(wrapping));
  return spaced(own || named || placeholder || '');
}

const isDisabled = ({ attribs }: Element) => attribs.disabled !== undefined;

/** What a control would send, before anybody touches it. */
function sentValueOf(control: Element, options: readonly Element[]): string {
  const { name, attribs } = control;
  if (name === 'textarea') return textOf(control);
  if (name === 'select') {
    const chosen = options.find(({ attribs: { selected } }) => selected !== undefined) ?? options[0];
    return chosen === undefined ? '' : (chosen.attribs.value ?? textOf(chosen));
  }
  return attribs.value ?? (/^(?:checkbox|radio)$/i.test(attribs.type ?? '') ? 'on' : '');
}

function fieldOf(document: Document, control: Element): Field {
  const { name: tag, attribs } = control;
  const type =
    tag === 'input' ? (attribs.type ?? 'text').toLowerCase() : tag === 'button' ? (attribs.type ?? 'submit') : tag;
  const options = tag === 'select' ? document.all('option').filter((option) => isInside(option, control)) : [];
  const value = sentValueOf(control, options);
  const { 'data-testid': testId, formaction, formmethod } = attribs;
  return {
    name: attribs.name ?? '',
    type,
    value,
    label: type === 'submit' ? textOf(control).trim() || value : labelOf(document, control),
    checked: attribs.checked !== undefined,
    required: attribs.required !== undefined || attribs['aria-required'] === 'true',
    readOnly: attribs.readonly !== undefined,
    options: options.map((option) => option.attribs.value ?? textOf(option)),
    ...(testId === undefined ? {} : { testId }),
    ...(formaction === undefined ? {} : { action: resolve(formaction, document.base) ?? document.base }),
    ...(formmethod === undefined ? {} : { method: formmethod.toUpperCase() === 'POST' ? 'POST' : 'GET' }),
  };
}

function fieldsOf(document: Document, form: Element): readonly Field[] {
  const { id } = form.attribs;
  const controls = document.all('input', 'select', 'textarea', 'button');
  // a control with a form attribute belongs to the form it names, wherever it stands
  const inside = controls.filter(
    (control) => isInside(control, form) && [undefined, id].includes(control.attribs.form),
  );
  const outside = controls.filter(
    (control) => id !== undefined && control.attribs.form === id && !isInside(control, form),
  );
  return [...inside, ...outside].flatMap((control) => {
    const field = fieldOf(document, control);
    return isDisabled(control) && field.type !== 'submit' ? [] : [field];
  });
}

const isQuiet = (field: Field) => ['hidden', 'submit', 'button', 'image'].includes(field.type);

/** An authorization answer by form_post, whose page is sent by a script from a file of its own. */
const carriesAnswer = (fields: readonly Field[]): boolean => {
  const names = fields.map(({ name }) => name);
  return names.includes('state') && ['code', 'error', 'iss'].some((name) => names.includes(name));
};

const inlineScripts = (document: Document): readonly Element[] =>
  document.all('script').filter(({ attribs }) => attribs.src === undefined);

function formsOf(document: Document): readonly Form[] {
  const { url, base } = document;
  const scripts = inlineScripts(document).map(textOf).join('\n');
  const onload = ['body', 'html'].map((name) => document.first(name)?.attribs.onload ?? '').join('');
  const sends = /\b(?:submit|requestSubmit)\s*\(/;
  // a script that waits for somebody to press something sends nothing by itself
  const waits = /addEventListener\(\s*["'](?:click|change|input|key\w+|submit)|\bon(?:click|change|input)\b/;
  const scripted = sends.test(onload) || (sends.test(scripts) && !waits.test(scripts));
  const hasScript = document.first('script') !== undefined;
  return document.all('form').map((form) => {
    const fields = fieldsOf(document, form);
    const { action = '', method = '' } = form.attribs;
    return {
      action: resolve(action || url, base) ?? url,
      method: method.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields,
      text: spaced(textOf(form)),
      submitsItself: fields.length > 0 && fields.every(isQuiet) && (scripted || (hasScript && carriesAnswer(fields))),
    };
  });
}

function refreshOf({ all, url, base }: Document): Page['refresh'] {
  const meta = all('meta').find(({ attribs }) => attribs['http-equiv']?.toLowerCase() === 'refresh');
  const content = meta?.attribs.content;
  return content === undefined ? undefined : parseRefresh(content, url, base);
}

/** Reads `5; url=/next`, as in the meta element and in the header of the same name. */
export function parseRefresh(content: string, url: string, base: string): Page['refresh'] {
  const match = /^\s*(\d+)(?:\.\d*)?\s*(?:[;,]\s*(?:url\s*=\s*)?["']?([^"']*)["']?\s*)?$/i.exec(content);
  if (match === null) return undefined;
  const target = match[2] === undefined || match[2] === '' ? url : resolve(match[2], base);
  return target === undefined ? undefined : { seconds: Number(match[1]), url: target };
}

const move =
  /(?:^|[\s;{}(])(?:window\.|document\.|top\.|self\.)?location(?:\.href)?\s*(?:=\s*|\.(?:replace|assign)\s*\(\s*)(["'`])([^"'`$]+)\1/;

/** Where an inline script leads a page that holds nothing else. */
function scriptedMoveOf(document: Document): string | undefined {
  for (const script of inlineScripts(document)) {
    const source = textOf(script);
    const target =
      source.length < 4000 && !/addEventListener|function\s+\w+\s*\(|onclick/.test(source)
        ? move.exec(source)?.[2]
        : undefined;
    if (target !== undefined) return resolve(target.replaceAll('\\/', '/').replaceAll('\\u0026', '&'), document.base);
  }
  return undefined;
}

/** Computes a value when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

const ignoredRelations = new Set(['canonical', 'alternate', 'next', 'prev', 'author', 'license', 'help', 'search']);

function linksOf({ all, base }: Document): readonly Link[] {
  return all('a', 'area').flatMap((link) => {
    const { href: raw } = link.attribs;
    return raw === undefined ? [] : [{ raw, href: resolve(raw, base) ?? raw, text: spaced(textOf(link)) }];
  });
}

function resourcesOf({ all, base }: Document): readonly string[] {
  return all('script', 'img', 'iframe', 'link', 'source', 'video', 'audio', 'embed').flatMap(({ name, attribs }) => {
    const reference = name === 'link' ? attribs.href : attribs.src;
    if (reference === undefined || ignoredRelations.has((attribs.rel ?? '').toLowerCase())) return [];
    return resolve(reference, base) ?? [];
  });
}

const dataOf = (body: Element | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(body?.attribs ?? {}).flatMap(([name, value]) =>
      name.startsWith('data-') ? [[name.slice('data-'.length), value]] : [],
    ),
  );

function visibleText($: CheerioAPI, body: Element | undefined): string {
  const into: string[] = [];
  collectText(body?.children ?? $.root().get(0)?.children ?? [], into);
  return spaced(into.join(''));
}

/** What is read off an answer. */
export interface ReadAnswer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** The header of this name, which comes before a meta element. */
  readonly refresh?: string | undefined;
}

const PAGES_IN_MIND = 32;

/** Reads pages and keeps the latest in mind: many a page of a site is the same for everybody. */
export function createReader(): (answer: ReadAnswer) => Page {
  const known = new Map<string, Page>();
  return (answer) => {
    const { url, status, contentType, body, refresh = '' } = answer;
    const key = [url, status, contentType, refresh, body].join('\n');
    const page = known.get(key) ?? parsePage(answer);
    known.delete(key);
    known.set(key, page);
    const [oldest] = known.keys();
    if (known.size > PAGES_IN_MIND && oldest !== undefined) known.delete(oldest);
    return page;
  };
}

/** Reads a page off an answer; nothing is fetched, and most is not worked out before it is asked for. */
export function parsePage(answer: ReadAnswer): Page {
  const { url, status, contentType, body } = answer;
  const byHeader = answer.refresh === undefined ? undefined : parseRefresh(answer.refresh, url, url);
  if (!isMarkup(contentType, body)) {
    const isText = /^(?:text\/|application\/(?:[\w.+-]*json|problem))|^$/.test(contentType);
    const text = isText ? spaced(body) : '';
    const nothing = { title: '', lang: '', dir: '', forms: [], links: [], resources: [], isShell: false, data: {} };
    const refresh = byHeader === undefined ? {} : { refresh: byHeader };
    return { url, status, contentType, body, ...nothing, ...refresh, text, select: () => undefined };
  }
  const $ = load(body);
  const document = documentOf($, url);
  const [html, bodyElement, title] = ['html', 'body', 'title'].map(document.first);
  const hasScript = document.first('script') !== undefined;
  const text = once(() => visibleText($, bodyElement));
  const forms = once(() => formsOf(document));
  const links = once(() => linksOf(document));
  const resources = once(() => resourcesOf(document));
  const refresh = byHeader ?? refreshOf(document);
  const scriptedMove =
    hasScript && document.first('form') === undefined && text().length < 200 ? scriptedMoveOf(document) : undefined;
  return {
    url,
    status,
    contentType,
    body,
    title: title === undefined ? '' : spaced(textOf(title)),
    lang: html?.attribs.lang ?? '',
    dir: html?.attribs.dir ?? bodyElement?.attribs.dir ?? '',
    data: dataOf(bodyElement),
    get text() {
      return text();
    },
    get forms() {
      return forms();
    },
    get links() {
      return links();
    },
    get resources() {
      return resources();
    },
    get isShell() {
      return hasScript && text() === '';
    },
    ...(refresh === undefined ? {} : { refresh }),
    ...(scriptedMove === undefined ? {} : { scriptedMove }),
    select(selector, attribute) {
      const found = $(selector).first();
      if (found.length === 0) return undefined;
      return spaced(attribute === undefined ? found.text() : (found.attr(attribute) ?? ''));
    },
  };
}
