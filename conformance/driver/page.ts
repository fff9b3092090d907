import { type Cheerio, type CheerioAPI, load } from 'cheerio';

type Element = ReturnType<CheerioAPI>[number];

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

const unseen = 'script,style,template,noscript,head,[hidden],[aria-hidden="true"],input[type="hidden"]';
const blocks =
  'p,div,section,article,header,footer,main,li,tr,td,th,h1,h2,h3,h4,h5,h6,br,label,button,option,dt,dd,a,form';

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

function visibleText($: CheerioAPI): string {
  const copy = load($.html());
  copy(unseen).remove();
  copy('[style]').each((_, element) => {
    if (/display\s*:\s*none|visibility\s*:\s*hidden/i.test(copy(element).attr('style') ?? '')) copy(element).remove();
  });
  copy('input[type="submit"],input[type="button"]').each((_, element) => {
    copy(element).replaceWith(
      ` ${
        copy('<i>')
          .text(copy(element).attr('value') ?? '')
          .html() ?? ''
      } `,
    );
  });
  copy(blocks).each((_, element) => {
    copy(element).append(' ');
    copy(element).prepend(' ');
  });
  const body = copy('body');
  return (body.length > 0 ? body.text() : copy.root().text()).replace(/\s+/g, ' ').trim();
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
  const inside = form.find('input,select,textarea,button').get();
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

function formsOf($: CheerioAPI, url: string, base: string): readonly Form[] {
  const inline = $('script:not([src])')
    .get()
    .map((script) => $(script).text())
    .join('\n');
  const onload = `${$('body').attr('onload') ?? ''}${$('html').attr('onload') ?? ''}`;
  const sends = /\b(?:submit|requestSubmit)\s*\(/;
  const scripted = sends.test(onload) || sends.test(inline);
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
        submitsItself: scripted && fields.length > 0 && fields.every(isQuiet),
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

/** Reads a page off an answer; nothing is fetched. */
export function parsePage(answer: {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}): Page {
  const { url, status, contentType, body } = answer;
  const nothing = { title: '', lang: '', dir: '', forms: [], links: [], resources: [], isShell: false, data: {} };
  if (!isMarkup(contentType, body)) {
    const text = /^(?:text\/|application\/(?:[\w.+-]*json|problem))|^$/.test(contentType)
      ? body.replace(/\s+/g, ' ').trim()
      : '';
    return { url, status, contentType, body, ...nothing, text, select: () => undefined };
  }
  const $ = load(body);
  const base = resolve($('base[href]').first().attr('href') ?? url, url) ?? url;
  const refresh = refreshOf($, url, base);
  const text = visibleText($);
  const scripts = $('script').length;
  const scriptedMove = text.length < 200 && $('form').length === 0 ? scriptedMoveOf($, base) : undefined;
  return {
    url,
    status,
    contentType,
    body,
    title: $('title').first().text().replace(/\s+/g, ' ').trim(),
    lang: $('html').attr('lang') ?? '',
    dir: $('html').attr('dir') ?? $('body').attr('dir') ?? '',
    text,
    forms: formsOf($, url, base),
    links: $('a[href],area[href]')
      .get()
      .map((a) => {
        const raw = $(a).attr('href') ?? '';
        return { raw, href: resolve(raw, base) ?? raw, text: $(a).text().replace(/\s+/g, ' ').trim() };
      }),
    ...(refresh === undefined ? {} : { refresh }),
    ...(scriptedMove === undefined ? {} : { scriptedMove }),
    resources: $('script[src],img[src],iframe[src],link[href],source[src],video[src],audio[src],embed[src]')
      .get()
      .flatMap((e) => {
        const relation = ($(e).attr('rel') ?? '').toLowerCase();
        if (['canonical', 'alternate', 'next', 'prev', 'author', 'license', 'help', 'search'].includes(relation))
          return [];
        const reference = $(e).attr('src') ?? $(e).attr('href') ?? '';
        return resolve(reference, base) ?? [];
      }),
    isShell: text === '' && scripts > 0,
    data: Object.fromEntries(
      Object.entries($('body').attr() ?? {}).flatMap(([name, value]) =>
        name.startsWith('data-') ? [[name.slice(5), value]] : [],
      ),
    ),
    select(selector, attribute) {
      const found = $(selector).first();
      if (found.length === 0) return undefined;
      const value = attribute === undefined ? found.text() : (found.attr(attribute) ?? '');
      return value.replace(/\s+/g, ' ').trim();
    },
  };
}
