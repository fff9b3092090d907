import { createHash } from 'node:crypto';
import type { Exchange } from '../driver/emta-wire.ts';
import { answersOf, type Hop } from '../driver/user-agent.ts';
import type { CaseEvidence } from '../verdict.ts';
import { escaped, type Needle, placeholderOf, whole } from './needles.ts';
import type { Seen } from './seen.ts';

const secretNames =
  'code|access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|logout_token|id_token_hint|SAMLResponse';
const inQuery = new RegExp(`([?&;](?:${secretNames})=)([^&#\\s"]+)`, 'g');
const inForm = new RegExp(`(^|&)((?:${secretNames})=)([^&\\s"]+)`, 'g');
const inJson = new RegExp(`("(?:${secretNames})"\\s*:\\s*")([^"]+)`, 'g');

const hashed = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;

/** Takes secrets out of a text and leaves their hashes, so that two places can still be compared. */
export function withoutSecrets(text: string): string {
  return text
    .replace(inQuery, (_, before: string, secret: string) => before + hashed(secret))
    .replace(inForm, (_, start: string, before: string, secret: string) => start + before + hashed(secret))
    .replace(inJson, (_, before: string, secret: string) => before + hashed(secret));
}

const masked = (text: string, needles: readonly (readonly [string, Needle])[]): string =>
  needles.reduce((rest, [role, { what, value }]) => {
    if (value === '' || !rest.includes(value)) return rest;
    // a name may stand within a word that names nobody; codes and numbers are hidden wherever they stand
    return rest.replaceAll(/\bname$/.test(what) ? whole(escaped(value)) : value, placeholderOf(what, role));
  }, text);

const flagsOf = (line: string): string => {
  const [pair = '', ...attributes] = line.split(';');
  return [pair.split('=', 1)[0] ?? '', ...attributes.map((attribute) => attribute.trim())].join('; ');
};

const headersWorthKeeping = [
  'host',
  'content-type',
  'location',
  'cache-control',
  'referrer-policy',
  'www-authenticate',
  'retry-after',
];
const lines = (headers: Readonly<Record<string, string>>) =>
  headersWorthKeeping.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${headers[name]}`]));

function requestText({ request }: Exchange): string {
  const form = new URLSearchParams(request.form).toString();
  const how = /^Basic /i.test(request.headers.authorization ?? '')
    ? ['authorization: Basic']
    : /^Bearer /i.test(request.headers.authorization ?? '')
      ? ['authorization: Bearer']
      : [];
  return [
    `${request.method} ${request.url}`,
    ...how,
    ...lines(request.headers),
    ...(form === '' ? [] : ['', form]),
  ].join('\n');
}

const responseText = ({ response }: Exchange): string =>
  [`${response.status}`, ...lines(response.headers), '', response.body.slice(0, 2000)].join('\n');

const BODY_OF_PAGE = 3000;

/**
 * What is kept of a case: hops, Emta's record and the page of the look or step that is shown, the last one when left
 * out; secrets hashed and personal values masked.
 */
export function evidenceOf(label: string, seen: Seen, shown?: string): CaseEvidence {
  const needles = Object.entries(seen.needles)
    .flatMap(([role, some]) => some.map((needle) => [role, needle] as const))
    .toSorted(([, a], [, b]) => b.value.length - a.value.length);
  const clean = (text: string) => masked(withoutSecrets(text), needles);
  const traces = Object.values(seen.traces);
  const ended =
    shown === undefined
      ? traces.findLast(({ page }) => page !== undefined)
      : (seen.looks[shown]?.page ?? seen.traces[shown]);
  const last = ended?.page;
  const picture = ended?.picture;
  const hop = (one: Hop) => ({
    method: one.method,
    url: clean(one.url),
    status: one.status,
    ...(one.headers.location === undefined ? {} : { location: clean(one.headers.location) }),
    cookies: one.setCookies.map(flagsOf),
  });
  return {
    label,
    ...(seen.setting.isApart === true ? { issuer: seen.setting.issuer } : {}),
    hops: traces.flatMap(answersOf).map(hop),
    exchanges: [...seen.exchanges, ...seen.strays].map((exchange) => ({
      exchange: exchange.seq,
      ...(exchange.journey === undefined ? {} : { journey: exchange.journey }),
      at: exchange.at,
      endpoint: exchange.endpoint,
      request: clean(requestText(exchange)),
      response: clean(responseText(exchange)),
      delivered: exchange.delivered,
    })),
    ...(last === undefined
      ? {}
      : {
          page: {
            url: clean(last.url),
            status: last.status,
            title: clean(last.title),
            text: clean(last.text).slice(0, BODY_OF_PAGE),
            ...(picture === undefined ? {} : { picture }),
          },
        }),
  };
}
