import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Nunjucks from 'nunjucks';
import { toPersianDigits } from '../kernel/text.ts';
import { whenNeeded } from '../kernel/when-needed.ts';
import { formatJalali, timeInTehran } from '../registry/jalali.ts';
import type { Lang, Message, MessageKey, Pages } from './pages.ts';

export interface RendererOptions {
  /** Folder that holds `emta/`, `console/`, `parts/`, `messages/` and `assets/`. */
  readonly viewsDir: string;
  /** Path under which the files of `assets/` are served, without a slash at its end, e.g. `/assets`. */
  readonly assetsPath: string;
}

export interface Renderer {
  /** The whole HTML of a page in a language. */
  page<Name extends keyof Pages>(name: Name, lang: Lang, model: Pages[Name]): string;
  /** One message as plain text, its digits drawn as the language does. */
  text(lang: Lang, message: Message): string;
  /** One message as plain text with the digits as they are, for what people copy: an SMS. */
  verbatim(lang: Lang, message: Message): string;
  /** A sentence of the catalogue of faults, which speaks English, in the language of the page. */
  sentence(lang: Lang, english: string): string;
}

const nunjucks = whenNeeded<typeof Nunjucks>('nunjucks');

type Parameters = NonNullable<Message['params']>;
/** A stretch of a message: its own words, or what filled the braces called `name`. */
interface MessagePart {
  readonly name: string;
  readonly text: string;
}

const directions = { fa: 'rtl', en: 'ltr' } as const satisfies Record<Lang, string>;
const braces = /\{(\w+)\}/;

/** Makes the renderer of Emta's pages: templates are compiled once, and a missing value or message throws. */
export function createRenderer(options: RendererOptions): Renderer {
  const languages = { fa: environment('fa', options), en: environment('en', options) };
  return {
    page: (name, lang, model) => languages[lang].env().render(`${name}.njk`, { model }),
    text: (lang, message) => languages[lang].draw(languages[lang].translate(message.key, message.params)),
    verbatim: (lang, message) => languages[lang].translate(message.key, message.params),
    sentence: (lang, english) => languages[lang].sentence(english),
  };
}

function environment(lang: Lang, { viewsDir, assetsPath }: RendererOptions) {
  const messages = readMessages(join(viewsDir, 'messages', `${lang}.json`));
  const sentences = lang === 'fa' ? readTexts(join(viewsDir, 'messages', 'faults-fa.json')) : undefined;
  const draw = (value: unknown) => (lang === 'fa' ? toPersianDigits(String(value)) : String(value));

  function parts(key: MessageKey, params: Parameters = {}): readonly MessagePart[] {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`expected a message key, got "${key}"`);
    // Odd members are the names, because `braces` has one group.
    const pieces = message.map((piece, index) => {
      if (index % 2 === 0) return { name: '', text: piece };
      const value = params[piece];
      if (value === undefined) throw new Error(`expected a parameter "${piece}" for "${key}", got none`);
      return { name: piece, text: typeof value === 'object' ? label(value) : String(value) };
    });
    const surplus = Object.keys(params).find((name) => !pieces.some((piece) => piece.name === name));
    if (surplus !== undefined) throw new Error(`expected no parameter "${surplus}" for "${key}"`);
    return pieces.filter((piece) => piece.text !== '');
  }

  function translate(key: MessageKey, params?: Parameters): string {
    const [whole = '', ...more] = messages.get(key) ?? [];
    if (params === undefined && whole !== '' && more.length === 0) return whole;
    return parts(key, params)
      .map((part) => part.text)
      .join('');
  }

  function sentence(english: string): string {
    const said = sentences ? sentences[english] : english;
    if (said === undefined) throw new Error(`expected a translation of "${english}" into "${lang}"`);
    return draw(said);
  }

  /** What a fault breaks, `rule: reason`; the name of a standard is the same in every language. */
  function ruleOf(breaks: string) {
    const [rule = '', reason] = breaks.split(': ');
    const isName = sentences?.[rule] === undefined;
    return { isName, rule: isName ? rule : sentence(rule), reason: reason && sentence(reason) };
  }

  // Within a sentence a label goes without the colon that it has above its field.
  const label = (message: Message) => translate(message.key, message.params).replace(/:$/, '');

  function makeEnv(): Nunjucks.Environment {
    const { Environment } = nunjucks();
    const env = new Environment(templatesIn(viewsDir), {
      autoescape: true,
      throwOnUndefined: true,
      trimBlocks: true,
      lstripBlocks: true,
    });
    env
      .addGlobal('lang', lang)
      .addGlobal('dir', directions[lang])
      .addGlobal('t', translate)
      .addGlobal('parts', parts)
      .addGlobal('asset', assetAddress(join(viewsDir, 'assets'), assetsPath))
      .addGlobal('drawnOnce', drawnOnce(env))
      .addGlobal('ruleOf', ruleOf)
      .addFilter('fa', draw)
      .addFilter('count', (count: number) => count.toLocaleString(lang))
      .addFilter('sentence', sentence)
      .addFilter('jalali', (isoDate: string) => draw(formatJalali(isoDate)))
      .addFilter('time', (instant: string) => draw(timeInTehran(Date.parse(instant))));
    importOnce(env);
    return env;
  }
  let env: Nunjucks.Environment | undefined;
  return {
    env: () => {
      env ??= makeEnv();
      return env;
    },
    translate,
    draw,
    sentence,
  };
}

/** The templates as the build compiled them, or their sources, each compiled at its first use. */
function templatesIn(viewsDir: string): Nunjucks.ILoaderAny {
  const { FileSystemLoader, PrecompiledLoader } = nunjucks();
  const compiled = join(viewsDir, 'templates.cjs');
  return existsSync(compiled) ? new PrecompiledLoader(whenNeeded<never[]>(compiled)()) : new FileSystemLoader(viewsDir);
}

/** Draws a template for a list that never changes, and gives the same back for that list from then on. */
function drawnOnce(env: Nunjucks.Environment) {
  const { SafeString } = nunjucks().runtime;
  const drawn = new WeakMap<object, Nunjucks.runtime.SafeString>();
  return (template: string, list: object): Nunjucks.runtime.SafeString => {
    const known = drawn.get(list) ?? new SafeString(env.render(`${template}.njk`, { list }));
    drawn.set(list, known);
    return known;
  };
}

type Exported = (error: Error | null, macros?: object) => void;
interface Part {
  getExported(...args: unknown[]): void;
}

/** nunjucks runs an imported file anew for each page. Its macros see nothing but their parameters, so once is enough. */
function importOnce(env: Nunjucks.Environment): void {
  const seen = new WeakSet<object>();
  const find: (...args: unknown[]) => unknown = env.getTemplate.bind(env) as never;
  const withMacrosKept = (template: Part): void => {
    if (seen.has(template)) return;
    seen.add(template);
    const run = template.getExported.bind(template);
    let kept: object | undefined;
    template.getExported = (...args) => {
      const done = args.findLast((arg): arg is Exported => typeof arg === 'function');
      if (kept) return done?.(null, kept);
      run((error: Error | null, macros?: object) => {
        kept = macros;
        done?.(error, macros);
      });
    };
  };
  Object.assign(env, {
    getTemplate(name: unknown, ...rest: unknown[]) {
      const isPart = typeof name === 'string' && name.startsWith('parts/');
      const args = rest.map((arg) =>
        isPart && typeof arg === 'function'
          ? (error: unknown, template: Part | undefined) => {
              if (template) withMacrosKept(template);
              arg(error, template);
            }
          : arg,
      );
      return find(name, ...args);
    },
  });
}

/** The address changes with the content, so that a browser may keep the file for good. */
function assetAddress(folder: string, path: string) {
  const known = new Map<string, string>();
  return (name: string): string => {
    const address =
      known.get(name) ??
      `${path}/${name}?v=${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')
        .slice(0, 8)}`;
    known.set(name, address);
    return address;
  };
}

function readMessages(file: string): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(readTexts(file)).map(([key, message]) => [key, message.split(braces)]));
}

function readTexts(file: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
}
