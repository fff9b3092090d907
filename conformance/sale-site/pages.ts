import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';
import { formatJalali } from './jalali.ts';
import type { PageModels } from './page-models.ts';
import { persianDigits } from './text.ts';

export type Parameters = Readonly<Record<string, string | number>>;

/** A text of `views/messages/fa.json` and what fills its braces. */
export interface Message {
  readonly key: string;
  readonly params?: Parameters;
}

export interface Pages {
  page<Name extends keyof PageModels>(name: Name, model: PageModels[Name]): string;
  text(message: Message): string;
  /** Whether a text has a place for a parameter. */
  takes(key: string, parameter: string): boolean;
}

/** Folder of templates, messages and assets: the same place beside the sources and beside the build. */
export const viewsDir = fileURLToPath(new URL('../../views/', import.meta.url));
const load = createRequire(import.meta.url);
const braces = /\{(\w+)\}/;

export interface PagesOptions {
  readonly isEscaped: boolean;
  /** Another folder of templates, messages and assets. */
  readonly views?: string;
}

/** Makes the pages of the site, in Persian. A missing value, message or parameter throws. */
export function createPages({ isEscaped, views = viewsDir }: PagesOptions): Pages {
  const messages: ReadonlyMap<string, string> = new Map(
    Object.entries(JSON.parse(readFileSync(join(views, 'messages', 'fa.json'), 'utf8'))),
  );

  function parts(key: string, params: Parameters = {}): readonly { readonly name: string; readonly text: string }[] {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`expected a message key, got "${key}"`);
    return message
      .split(braces)
      .map((piece, index) => {
        if (index % 2 === 0) return { name: '', text: piece };
        const value = params[piece];
        if (value === undefined) throw new Error(`expected a parameter "${piece}" for "${key}", got none`);
        return { name: piece, text: String(value) };
      })
      .filter(({ text }) => text !== '');
  }

  const text = (key: string, params?: Parameters): string =>
    parts(key, params)
      .map((part) => part.text)
      .join('');

  const env = new nunjucks.Environment(templatesIn(views), {
    autoescape: isEscaped,
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  env
    .addGlobal('lang', 'fa')
    .addGlobal('dir', 'rtl')
    .addGlobal('t', text)
    .addGlobal('parts', parts)
    .addGlobal('asset', assetAddressIn(views))
    .addFilter('fa', (value: unknown) => persianDigits(String(value)))
    .addFilter('jalali', (iso: string) => persianDigits(formatJalali(iso)));
  return {
    page: (name, model) => env.render(`sale-site/${name}.njk`, { model }),
    text: ({ key, params }) => text(key, params),
    takes: (key, parameter) => messages.get(key)?.includes(`{${parameter}}`) ?? false,
  };
}

/** The templates as the build compiled them, or their sources, each compiled at its first use. */
function templatesIn(views: string): nunjucks.ILoaderAny {
  const compiled = join(views, 'templates.cjs');
  return existsSync(compiled) ? new nunjucks.PrecompiledLoader(load(compiled)) : new nunjucks.FileSystemLoader(views);
}

/** The address changes with the content, so that a browser may keep the file for good. */
const assetAddressIn =
  (views: string) =>
  (name: string): string => {
    const content = readFileSync(join(views, 'assets', name));
    return `/assets/${name}?v=${createHash('sha256').update(content).digest('hex').slice(0, 8)}`;
  };
