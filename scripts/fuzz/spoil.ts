import fc from 'fast-check';
import { hostileJson, hostileNames, hostileText, percentEncoded, withoutControls } from './hostile-values.ts';
import type { Template } from './templates.ts';

/** What goes over the wire: the bytes are Latin-1, one char each. */
export interface Shot {
  /** The endpoint it was aimed at, for the report. */
  readonly aim: string;
  readonly bytes: string;
  /** Breaks the rules of HTTP itself, so it gets a connection of its own. */
  readonly isMalformed: boolean;
  readonly isHead: boolean;
}

type Pairs = readonly (readonly [name: string, value: string])[];

interface Draft {
  readonly method: string;
  readonly path: string;
  readonly query: Pairs;
  readonly headers: Pairs;
  readonly body: string | undefined;
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
const tricks = [
  '/',
  '//',
  '/.',
  '/..',
  '/%2e%2e/',
  '/..%2f..%2fpackage.json',
  '%00',
  '%ff',
  '%',
  ';a=b',
  '/{__proto__}',
  '?',
  '#x',
  '.json',
  '%0d%0aX-Injected:%20zq7',
  '/zq7%3Cimg%20src=x%20onerror=zq7%3E',
];
const headerNames = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'content-encoding',
  'cookie',
  'dpop',
  'expect',
  'forwarded',
  'if-modified-since',
  'if-none-match',
  'origin',
  'range',
  'referer',
  'sec-fetch-site',
  'user-agent',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-http-method-override',
  'x-request-id',
];
const headerValues = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-16',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded; charset=nonsense',
  'gzip',
  'br, deflate',
  'text/html;q=nonsense',
  'Basic Og==',
  'Basic ====',
  'Basic c2hvcA==',
  'Bearer ',
  'Bearer x y',
  'DPoP {access_token}',
  'Bearer {access_token}',
  '{mobile.cookie}',
  'emta_session=; emta_interaction=x; emta_interaction.sig=x',
  'emta_interaction=__proto__; =; ;;',
  'null',
  'http://localhost',
  'https://evil.invalid',
  'bytes=-1',
  'bytes=5-1,0-0',
  'cross-site',
  '100-continue',
  '[::1]:99999',
];

type Change = (draft: Draft) => Draft;

const onPairs = (where: 'query' | 'headers', change: (pairs: Pairs) => Pairs): Change => {
  return (draft) => ({ ...draft, [where]: change(draft[where]) });
};

const at = <T>(items: readonly T[], index: number): T | undefined =>
  items.length === 0 ? undefined : items[index % items.length];

/** Changes of name and value pairs: one value spoilt, doubled, renamed, dropped or added. */
const pairChange = fc
  .record({
    kind: fc.constantFrom('spoil', 'spoil', 'spoil', 'double', 'rename', 'drop', 'add'),
    index: fc.nat(30),
    value: hostileText,
    name: fc.constantFrom(...hostileNames),
  })
  .map(({ kind, index, value, name }) => (pairs: Pairs): Pairs => {
    const target = at(pairs, index);
    if (!target || kind === 'add') return [...pairs, [name, value]];
    const others = pairs.filter((pair) => pair !== target);
    switch (kind) {
      case 'double':
        return [...pairs, [target[0], value]];
      case 'rename':
        return [...others, [name, target[1]]];
      case 'drop':
        return others;
      default:
        return pairs.map((pair) => (pair === target ? [target[0], value] : pair));
    }
  });

const headerText = (text: string): string => withoutControls(Buffer.from(text).toString('latin1')).slice(0, 4000);

const headerChange = fc
  .record({
    name: fc.constantFrom(...headerNames),
    value: fc.oneof(fc.constantFrom(...headerValues), hostileText.map(headerText)),
  })
  .map(
    ({ name, value }) =>
      (pairs: Pairs): Pairs => [...pairs.filter(([known]) => known !== name), [name, value]],
  );

/** Changes of a JSON body: a member spoilt, added or dropped, or the whole of it something else. */
const jsonChange = fc
  .record({
    kind: fc.constantFrom('spoil', 'spoil', 'add', 'drop', 'whole', 'deep', 'broken', 'none'),
    index: fc.nat(30),
    value: hostileJson,
    name: fc.constantFrom(...hostileNames),
  })
  .map(({ kind, index, value, name }) => (body: unknown): string => {
    const members = typeof body === 'object' && body !== null ? Object.entries(body) : [];
    const [target] = at(members, index) ?? [name];
    switch (kind) {
      case 'spoil':
        return JSON.stringify(Object.fromEntries([...members, [target, value]]));
      case 'add':
        return JSON.stringify({ ...Object.fromEntries(members), extra: value, [name]: value });
      case 'drop':
        return JSON.stringify(Object.fromEntries(members.filter(([known]) => known !== target)));
      case 'deep':
        return `${'['.repeat(5000)}${']'.repeat(5000)}`;
      case 'broken':
        return JSON.stringify(body ?? {}).slice(0, -1);
      case 'none':
        return JSON.stringify(body ?? {});
      default:
        return JSON.stringify(value) ?? 'null';
    }
  });

const pathChange = fc.oneof(
  fc.constantFrom(...tricks).map(
    (trick): Change =>
      (draft) => ({ ...draft, path: `${draft.path}${trick}` }),
  ),
  fc.record({ index: fc.nat(8), text: hostileText }).map(
    ({ index, text }): Change =>
      (draft) => {
        const parts = draft.path.split('/');
        parts[1 + (index % Math.max(1, parts.length - 1))] = percentEncoded(text.slice(0, 2000));
        return { ...draft, path: parts.join('/') };
      },
  ),
  fc.constant<Change>((draft) => ({ ...draft, path: draft.path.toUpperCase() })),
);

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: pairChange.map((change) => onPairs('query', change)) },
  { weight: 3, arbitrary: headerChange.map((change) => onPairs('headers', change)) },
  { weight: 2, arbitrary: pathChange },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...methods).map(
      (method): Change =>
        (draft) => ({ ...draft, method }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map(
      (noise): Change =>
        (draft) => ({
          ...draft,
          body: Buffer.from(noise).toString('latin1'),
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(20_000, 70_000, 1_100_000).map(
      (size): Change =>
        (draft) => ({
          ...draft,
          body: `${draft.body ?? ''}&x=${'y'.repeat(size)}`,
        }),
    ),
  },
);

const encoded = (pairs: Pairs): string =>
  pairs.map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`).join('&');

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** Puts the change where the parameters of the request are. */
function spoiltParameters(template: Template, change: (pairs: Pairs) => Pairs, json: (body: unknown) => string): Draft {
  const { method, path, query = {}, form, headers = {} } = template;
  const draft = { method, path, query: Object.entries(query), headers: Object.entries(headers), body: undefined };
  if (template.json !== undefined) {
    return {
      ...draft,
      headers: [...draft.headers, ['content-type', 'application/json']],
      body: latin1(json(template.json)),
    };
  }
  if (form) {
    const type = ['content-type', 'application/x-www-form-urlencoded'] as const;
    return { ...draft, headers: [...draft.headers, type], body: encoded(change(Object.entries(form))) };
  }
  return { ...draft, query: change(draft.query) };
}

function written({ method, path, query, headers, body }: Draft): string {
  const target = query.length > 0 ? `${path}?${encoded(query)}` : path;
  const length = body === undefined ? [] : [`content-length: ${body.length}`];
  const lines = [
    `${method} ${withoutControls(target, '+').replaceAll(' ', '+')} HTTP/1.1`,
    'host: {host}',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...length,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Ways to break HTTP itself. */
const malformed: fc.Arbitrary<(bytes: string) => string> = fc.oneof(
  fc
    .constantFrom(
      'transfer-encoding: chunked\r\ncontent-length: 5',
      'content-length: 5\r\ncontent-length: 6',
      'content-length: -1',
      'content-length: 99999999999999999999',
      'transfer-encoding: nonsense',
      'transfer-encoding: chunked',
      'host: evil.invalid',
      'host: {host}\r\nhost: other',
      'connection: upgrade\r\nupgrade: websocket',
      'expect: something',
      ': no name',
      'no colon',
      'x: a\u0000b',
      'x: \u00ff\u00fe',
      ` folded: a\r\n b`,
      `x: ${'y'.repeat(20_000)}`,
    )
    .map((line) => (bytes: string) => bytes.replace('host: {host}', `host: {host}\r\n${line}`)),
  fc
    .constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', '')
    .map((version) => (bytes: string) => bytes.replace('HTTP/1.1', version)),
  fc
    .constantFrom('evil.invalid', '', 'localhost:99999', '[::1', 'a b', "'><script>", 'localhost\u0000')
    .map((host) => (bytes: string) => bytes.replace('{host}', host)),
  fc.constant((bytes: string) => bytes.replaceAll('\r\n', '\n')),
  fc.constant((bytes: string) => bytes.replace(/ \S+ /, ' http://evil.invalid/x ')),
  fc.constant((bytes: string) => bytes.replace(/ \S+ /, ' * ')),
  fc.constant((bytes: string) => bytes.replace(/ \S+ /, ' //evil.invalid/%2f.. ')),
  fc.constant((bytes: string) => bytes.replace(/ \S+ /, ' \\evil ')),
  fc.nat(60).map((length) => (bytes: string) => bytes.slice(0, length)),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((noise) => () => Buffer.from(noise).toString('latin1')),
);

/** Requests made from these by spoiling them, in one place or in several. */
export function shots(templates: readonly Template[]): fc.Arbitrary<Shot> {
  return fc
    .record({
      template: fc.constantFrom(...templates),
      pairs: pairChange,
      json: jsonChange,
      changes: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Change[]>([]) },
        { weight: 2, arbitrary: fc.array(anyChange, { maxLength: 3 }) },
      ),
      breaks: fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: malformed }),
    })
    .map(({ template, pairs, json, changes, breaks }) => {
      const draft = changes.reduce((sum, change) => change(sum), spoiltParameters(template, pairs, json));
      const bytes = written(draft);
      return {
        aim: `${template.method} ${template.path}`,
        bytes: breaks ? breaks(bytes) : bytes,
        isMalformed: breaks !== undefined,
        isHead: draft.method === 'HEAD',
      };
    });
}
