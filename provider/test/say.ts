import { readFileSync } from 'node:fs';
import type { MessageKey } from '../http/pages.ts';
import { toPersianDigits } from '../kernel/text.ts';
import type { Screen } from './browser.ts';

const words = Object.fromEntries(
  ['fa', 'en'].map((lang) => [
    lang,
    JSON.parse(readFileSync(new URL(`../../views/messages/${lang}.json`, import.meta.url), 'utf8')),
  ]),
) as Readonly<Record<'fa' | 'en', Readonly<Record<MessageKey, string>>>>;

type Params = Readonly<Record<string, string | number>>;

/** A message as it stands on a page in Persian. */
export function say(key: MessageKey, params: Params = {}): string {
  return toPersianDigits(filled(words.fa[key], params));
}

/** The same in English. */
export function sayInEnglish(key: MessageKey, params: Params = {}): string {
  return filled(words.en[key], params);
}

function filled(message: string, params: Params): string {
  return message.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`expected a parameter "${name}" for «${message}»`);
    return String(value);
  });
}

/** The text under a test id, with single spaces. */
export function textOf({ $ }: Pick<Screen, '$'>, testid: string): string {
  return squeezed($(`[data-testid="${testid}"]`).text());
}

/** All that a page says, with single spaces. */
export function wordsOf({ $ }: Pick<Screen, '$'>): string {
  return squeezed($('main').text());
}

/** What the page says is wrong, by field, and nothing else. */
export function errorsOf({ $ }: Pick<Screen, '$'>): Readonly<Record<string, string>> {
  const found = $('.field-error')
    .toArray()
    .map((element) => [($(element).attr('id') ?? '').replace(/-error$/, ''), squeezed($(element).text())]);
  return Object.fromEntries(found);
}

/** The sentences of the summary above the form. */
export function summaryOf({ $ }: Pick<Screen, '$'>): readonly string[] {
  return $('[data-testid="error-summary"] li')
    .toArray()
    .map((element) => squeezed($(element).text()));
}

/** What stands in the text fields, by name. */
export function valuesOf({ $ }: Pick<Screen, '$'>): Readonly<Record<string, string>> {
  const found = $('main input:not([type=hidden])')
    .toArray()
    .map((element) => [$(element).attr('name') ?? '', $(element).attr('value') ?? '']);
  return Object.fromEntries(found);
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
