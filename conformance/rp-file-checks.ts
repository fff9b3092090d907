// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the file are written so
import { load } from 'cheerio';
import type { CapabilityName } from './capability-names.ts';
import { pointerTo } from './json-places.ts';
import { nearest } from './nearest.ts';
import type { FieldPlace, PageSign, SignedIn } from './relying-party.ts';
import { type FileFault, memberName } from './rp-file-faults.ts';
import type { Profile } from './verdict.ts';

const launchNames = ['issuer', 'client_id', 'client_secret', 'ca_file', 'port'] as const;
const formNames = ['mobile', 'national_code', 'port'] as const;

/** The file as its schema has checked it. */
export interface CheckedFile {
  readonly name: string;
  readonly version: string;
  readonly start_url: RawEntry;
  readonly protected_url: string;
  readonly client: RawClient;
  readonly session_url?: string | { readonly url: string; readonly signed_in: string };
  readonly logout_url?: RawEntry;
  readonly refusal?: PageSign;
  readonly mismatch?: PageSign;
  readonly mobile_status?: { readonly url: string; readonly verified: string };
  readonly locale?: string;
  readonly registration_url?: string;
  readonly prefilled?: Readonly<Record<string, string>>;
  readonly launch?: {
    readonly command: readonly string[];
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly ready_url: string;
    readonly timeout_seconds?: number;
  };
  readonly second_issuer?: {
    readonly start_url: RawEntry;
    readonly client: RawClient;
    readonly env?: Readonly<Record<string, string>>;
  };
  readonly capabilities?: Readonly<Partial<Record<CapabilityName, boolean>>>;
  readonly profile?: Profile;
  readonly driver?: 'http' | 'browser' | { readonly command: readonly string[] };
}

export type RawEntry =
  | string
  | { readonly url: string; readonly method?: 'GET' | 'POST'; readonly form?: Readonly<Record<string, string>> };

export interface RawClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method?: string;
  readonly scope?: string;
  readonly [member: string]: unknown;
}

/** `css:#name@value`: the last `@` before a plain name parts selector and attribute. */
export function placeOf(text: string): FieldPlace {
  const found = /^(.+)@([A-Za-z][\w-]*)$/.exec(text);
  const [, selector, attribute] = found ?? [];
  return selector !== undefined && attribute !== undefined ? { selector, attribute } : { selector: text };
}

/** `json:$.path`, `css:selector@attribute` or `status:200`. */
export function signedInOf(text: string): SignedIn {
  if (text.startsWith('json:')) return { kind: 'json', path: text.slice('json:'.length) };
  if (text.startsWith('css:')) return { kind: 'css', ...placeOf(text.slice('css:'.length)) };
  return { kind: 'status', status: Number(text.slice('status:'.length)) };
}

/** Whether a way of authenticating the client takes a secret. */
export const needsSecret = (method: string): boolean => method !== 'none' && method !== 'private_key_jwt';

/** Every text in a value, with its pointer. */
export function* textsOf(value: unknown, pointer = ''): Generator<{ readonly text: string; readonly pointer: string }> {
  if (typeof value === 'string') yield { text: value, pointer };
  else if (Array.isArray(value))
    for (const [index, inner] of value.entries()) yield* textsOf(inner, pointerTo(pointer, index));
  else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value)) yield* textsOf(inner, pointerTo(pointer, member));
  }
}

function placeholderFaults(file: unknown): readonly FileFault[] {
  return [...textsOf(file)].flatMap(({ text, pointer }) => {
    const inLaunch = /^\/launch\/(command|env)(\/|$)|^\/second_issuer\/env\//.test(pointer);
    const inForm = /^\/(start_url|logout_url)\/form\/|^\/second_issuer\/start_url\/form\//.test(pointer);
    const known: readonly string[] = inLaunch ? launchNames : inForm ? formNames : ['port'];
    return [...text.matchAll(/\$\{([^}]*)\}/g)].flatMap(([, name = '']) => {
      if (known.includes(name)) return [];
      const near = nearest(name, known);
      const hint =
        near === undefined
          ? `, known here: ${known.map((one) => `\${${one}}`).join(' ')}`
          : `, did you mean "\${${near}}"?`;
      return [{ message: `unknown placeholder "\${${name}}" in "${memberName(pointer)}"${hint}`, pointer }];
    });
  });
}

function urlFaults(file: unknown): readonly FileFault[] {
  return [...textsOf(file)].flatMap(({ text, pointer }) => {
    const isUrl = /(_url|_uri|\/url|\/redirect_uris\/\d+|\/post_logout_redirect_uris\/\d+)$/.test(pointer);
    if (!isUrl) return [];
    const name = memberName(pointer);
    const filled = text.replaceAll('${port}', '8080');
    if (!URL.canParse(filled)) return [{ message: `expected "${name}" to be an address, got "${text}"`, pointer }];
    return /redirect_uris/.test(pointer) && filled.includes('#')
      ? [{ message: `expected "${name}" to have no fragment (RFC 6749 3.1.2), got "${text}"`, pointer }]
      : [];
  });
}

function selectorFaults(file: CheckedFile): readonly FileFault[] {
  const page = load('');
  const check = (selector: string | undefined, pointer: string): readonly FileFault[] => {
    if (selector === undefined) return [];
    try {
      page(selector);
      return [];
    } catch (error) {
      // css-what throws plain errors for a selector it cannot read; there is no code to switch on.
      const why =
        typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
      return [
        { message: `expected "${memberName(pointer)}" to be a CSS selector, got "${selector}": ${why}`, pointer },
      ];
    }
  };
  const probe = (text: string, pointer: string) => {
    const sign = signedInOf(text);
    return check(sign.kind === 'css' ? sign.selector : undefined, pointer);
  };
  return [
    ...check(file.refusal?.selector, '/refusal/selector'),
    ...check(file.mismatch?.selector, '/mismatch/selector'),
    ...Object.entries(file.prefilled ?? {}).flatMap(([claim, text]) =>
      check(placeOf(text.slice('css:'.length)).selector, pointerTo('/prefilled', claim)),
    ),
    ...(typeof file.session_url === 'object' ? probe(file.session_url.signed_in, '/session_url/signed_in') : []),
    ...(file.mobile_status === undefined ? [] : probe(file.mobile_status.verified, '/mobile_status/verified')),
  ];
}

/** How a client shows its secret where the file does not say: the way that the real Emta is known to take. */
export const usualMethod = 'client_secret_post';

function clientFaults(client: RawClient, pointer: string): readonly FileFault[] {
  const method = client.token_endpoint_auth_method ?? usualMethod;
  const name = memberName(pointer);
  const faults: FileFault[] = [];
  if (!needsSecret(method) && client.client_secret !== undefined) {
    faults.push({
      message: `expected no "${name}.client_secret" with token_endpoint_auth_method "${method}", got one`,
      pointer: `${pointer}/client_secret`,
    });
  }
  if (method === 'private_key_jwt' && client.jwks === undefined && client.jwks_uri === undefined) {
    faults.push({
      message: `missing member "${name}.jwks" or "${name}.jwks_uri"; private_key_jwt is checked with the client's public keys`,
      pointer: `${pointer}/token_endpoint_auth_method`,
    });
  }
  return faults;
}

/** What the schema cannot say: placeholders, addresses, selectors, members that need each other. */
export function furtherFaults(file: CheckedFile): readonly FileFault[] {
  const usesPort = [...textsOf(file)].some(({ text }) => text.includes('${port}'));
  const faults: FileFault[] = [
    ...placeholderFaults(file),
    ...urlFaults(file),
    ...selectorFaults(file),
    ...clientFaults(file.client, '/client'),
    ...(file.second_issuer === undefined ? [] : clientFaults(file.second_issuer.client, '/second_issuer/client')),
  ];
  if (usesPort && file.launch === undefined) {
    faults.push({
      message: 'missing member "launch"; "${port}" can only be filled in when the harness starts the relying party',
      pointer: '/launch',
    });
  }
  return faults;
}
