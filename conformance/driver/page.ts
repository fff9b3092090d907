import { type Cheerio, type CheerioAPI, load } from 'cheerio';

type Element = ReturnType<CheerioAPI>[number];
type Node = Exclude<ReturnType<CheerioAPI['root']>[number], undefined>['children'][number];

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

function visibleText($: CheerioAPI): string {
  const into: string[] = [];
  const body = $('body').get(0);
  collectText(body === undefined ? ($.root().get(0)?.children ?? []) : body.children, into);
  return into.join('').replace(/\s+/g, ' ').trim();
}

function labelOf($: CheerioAPI, control: Cheerio<Element>): string {
  const id = control.attr('id');
  const byFor =
    id === undefined
      ? ''
      : $('label')
          .filter((_, l) => $(l).attr('for') === id)
          .first()
          .text();
  const around = byFor === '' ? control.closest('label').text() : byFor;
  return (around || control.attr('aria-label') || control.attr('placeholder') || '').replace(/\s+/g, ' ').trim();
}

function fieldsOf($: CheerioAPI, form: Cheerio<Element>, base: string): readonly Field[] {
  const id = form.attr('id');
  // a control with a form attribute belongs to the form it names, wherever it stands
  const inside = form
    .find('input,select,textarea,button')
    .filter((_, e) => [undefined, id].includes($(e).attr('form')))
    .get();
  const outside =
    id === undefined
      ? []
      : $('input,select,textarea,button')
          .filter((_, e) => $(e).attr('form') === id)
          .get();
  return [...inside, ...outside].flatMap((element) => {
    const control = $(element);
    const name = control.attr('name') ?? '';
    const tag = element.type === 'tag' ? element.name : '';
    const type =
      tag === 'input'
        ? (control.attr('type') ?? 'text').toLowerCase()
        : tag === 'button'
          ? (control.attr('type') ?? 'submit')
          : tag;
    const options =
      tag === 'select'
        ? control
            .find('option')
            .get()
            .map((o) => $(o).attr('value') ?? $(o).text())
        : [];
    const chosen = tag === 'select' ? control.find('option[selected]').first() : undefined;
    const value =
      tag === 'textarea'
        ? control.text()
        : tag === 'select'
          ? ((chosen !== undefined && chosen.length > 0 ? (chosen.attr('value') ?? chosen.text()) : options[0]) ?? '')
          : (control.attr('value') ?? (type === 'checkbox' || type === 'radio' ? 'on' : ''));
    const testId = control.attr('data-testid');
    const formAction = control.attr('formaction');
    const formMethod = control.attr('formmethod');
    if (control.attr('disabled') !== undefined && type !== 'submit') return [];
    return [
      {
        name,
        type,
        value,
        label: type === 'submit' ? control.text().trim() || value : labelOf($, control),
        checked: control.attr('checked') !== undefined,
        required: control.attr('required') !== undefined || control.attr('aria-required') === 'true',
        readOnly: control.attr('readonly') !== undefined,
        options,
        ...(testId === undefined ? {} : { testId }),
        ...(formAction === undefined ? {} : { action: resolve(formAction, base) ?? base }),
        ...(formMethod === undefined
          ? {}
          : { method: formMethod.toUpperCase() === 'POST' ? ('POST' as const) : ('GET' as const) }),
      },
    ];
  });
}

const isQuiet = (field: Field) => ['hidden', 'submit', 'button', 'image'].includes(field.type);

/** An authorization answer by form_post, whose page is sent by a script from a file of its own. */
const carriesAnswer = (fields: readonly Field[]): boolean => {
  const names = fields.map(({ name }) => name);
  return names.includes('state') && (names.includes('code') || names.includes('error'));
};

function formsOf($: CheerioAPI, url: string, base: string): readonly Form[] {
  const inlineScripts = $('script:not([src])')
    .get()
    .map((script) => $(script).text())
    .join('\n');
  const onload = `${$('body').attr('onload') ?? ''}${$('html').attr('onload') ?? ''}`;
  const sends = /\b(?:submit|requestSubmit)\s*\(/;
  // a script that waits for somebody to press something sends nothing by itself
  const waits = /addEventListener\(\s*["'](?:click|change|input|key\w+|submit)|\bon(?:click|change|input)\b/;
  const scripted = sends.test(onload) || (sends.test(inlineScripts) && !waits.test(inlineScripts));
  const hasScript = $('script').length > 0;
  return $('form')
    .get()
    .map((element) => {
      const form = $(element);
      const fields = fieldsOf($, form, base);
      const method = (form.attr('method') ?? 'get').toUpperCase() === 'POST' ? 'POST' : 'GET';
      return {
        action: resolve(form.attr('action') || url, base) ?? url,
        method,
        fields,
        text: form.text().replace(/\s+/g, ' ').trim(),
        submitsItself: fields.length > 0 && fields.every(isQuiet) && (scripted || (hasScript && carriesAnswer(fields))),
      };
    });
}

function refreshOf($: CheerioAPI, url: string, base: string): Page['refresh'] {
  const content = $('meta[http-equiv]')
    .filter((_, meta) => ($(meta).attr('http-equiv') ?? '').toLowerCase() === 'refresh')
    .first()
    .attr('content');
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

function scriptedMoveOf($: CheerioAPI, base: string): string | undefined {
  for (const script of $('script:not([src])').get()) {
    const source = $(script).text();
    const target =
      source.length < 4000 && !/addEventListener|function\s+\w+\s*\(|onclick/.test(source)
        ? move.exec(source)?.[2]
        : undefined;
    if (target !== undefined) return resolve(target.replaceAll('\\/', '/').replaceAll('\\u0026', '&'), base);
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
const resourceSelector = 'script[src],img[src],iframe[src],link[href],source[src],video[src],audio[src],embed[src]';

/** Reads a page off an answer; nothing is fetched, and nothing is worked out before it is asked for. */
export function parsePage(answer: {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}): Page {
  const { url, status, contentType, body } = answer;
  if (!isMarkup(contentType, body)) {
    const isText = /^(?:text\/|application\/(?:[\w.+-]*json|problem))|^$/.test(contentType);
    const text = isText ? body.replace(/\s+/g, ' ').trim() : '';
    const nothing = { title: '', lang: '', dir: '', forms: [], links: [], resources: [], isShell: false, data: {} };
    return { url, status, contentType, body, ...nothing, text, select: () => undefined };
  }
  const $ = load(body);
  const base = resolve($('base[href]').first().attr('href') ?? url, url) ?? url;
  const text = once(() => visibleText($));
  const forms = once(() => formsOf($, url, base));
  const links = once(() =>
    $('a[href],area[href]')
      .get()
      .map((a) => {
        const raw = $(a).attr('href') ?? '';
        return { raw, href: resolve(raw, base) ?? raw, text: $(a).text().replace(/\s+/g, ' ').trim() };
      }),
  );
  const resources = once(() =>
    $(resourceSelector)
      .get()
      .flatMap((e) => {
        if (ignoredRelations.has(($(e).attr('rel') ?? '').toLowerCase())) return [];
        return resolve($(e).attr('src') ?? $(e).attr('href') ?? '', base) ?? [];
      }),
  );
  const data = once(() =>
    Object.fromEntries(
      Object.entries($('body').attr() ?? {}).flatMap(([name, value]) =>
        name.startsWith('data-') ? [[name.slice(5), value]] : [],
      ),
    ),
  );
  const refresh = refreshOf($, url, base);
  const scripts = $('script').length;
  const scriptedMove =
    scripts > 0 && $('form').length === 0 && text().length < 200 ? scriptedMoveOf($, base) : undefined;
  return {
    url,
    status,
    contentType,
    body,
    title: $('title').first().text().replace(/\s+/g, ' ').trim(),
    lang: $('html').attr('lang') ?? '',
    dir: $('html').attr('dir') ?? $('body').attr('dir') ?? '',
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
      return scripts > 0 && text() === '';
    },
    get data() {
      return data();
    },
    ...(refresh === undefined ? {} : { refresh }),
    ...(scriptedMove === undefined ? {} : { scriptedMove }),
    select(selector, attribute) {
      const found = $(selector).first();
      if (found.length === 0) return undefined;
      const value = attribute === undefined ? found.text() : (found.attr(attribute) ?? '');
      return value.replace(/\s+/g, ' ').trim();
    },
  };
}
