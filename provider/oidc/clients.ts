import { EmtaError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { Json, Store } from '../kernel/ports.ts';
import { relaxations } from './strictness.ts';

/** A registered relying party. Members have their names of RFC 7591 and OIDC Registration; the last three are Emta's own. */
export interface Client {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly redirect_uris: readonly string[];
  readonly post_logout_redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method: AuthMethod;
  /** Scopes that may be asked for, separated by spaces. */
  readonly scope: string;
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly application_type?: 'web' | 'native';
  readonly subject_type?: 'public' | 'pairwise';
  readonly sector_identifier_uri?: string;
  readonly id_token_signed_response_alg?: string;
  readonly userinfo_signed_response_alg?: string;
  readonly token_endpoint_auth_signing_alg?: string;
  readonly jwks?: { readonly keys: readonly { readonly [member: string]: Json }[] };
  readonly jwks_uri?: string;
  readonly default_max_age?: number;
  readonly require_auth_time?: boolean;
  readonly require_pushed_authorization_requests?: boolean;
  /** False leaves `iss` (RFC 9207) out of the authorization answers to this client. */
  readonly emta_iss_parameter?: boolean;
  /** Checks that are off for this client, by name. */
  readonly emta_relax?: readonly string[];
  /** Names the client in English pages; `client_name` is the Persian one. */
  readonly emta_client_name_en?: string;
}

/** What pages in this language call a client. */
export function clientName({ client_id, client_name, emta_client_name_en }: Client, lang: 'fa' | 'en'): string {
  return (lang === 'en' ? emta_client_name_en : undefined) ?? client_name ?? client_id;
}

export const authMethods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'] as const;
export type AuthMethod = (typeof authMethods)[number];

export const allScopes = [
  'openid',
  'offline_access',
  'user:identity:general',
  'user:primaryMobileNumber',
  'user:primaryEmail',
  'user:status',
] as const;

type Check = (value: unknown) => string | undefined;

/** RFC 6749 appendix A: what may stand in a client_id and a secret. */
const ascii: Check = (value) =>
  typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? undefined : 'ASCII characters that can be seen';
const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text that is not empty');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const count: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 0 ? undefined : 'a whole number of seconds';
const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && known.includes(value) ? undefined : `one of ${known.join(', ')}`;
const someOf =
  (...known: readonly string[]): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => known.includes(item)) ? undefined : `a list of ${known.join(', ')}`;
const address: Check = (value) =>
  typeof value === 'string' && URL.canParse(value) && !value.includes('#')
    ? undefined
    : 'an absolute URL without a fragment';
/** Redirects are compared letter by letter, so that a star would stand for itself alone. */
const addresses: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => address(item) === undefined && !String(item).includes('*'))
    ? undefined
    : 'a list of one or more absolute URLs without fragments and wildcards';
const keySet: Check = (value) =>
  typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
    ? undefined
    : 'a JSON Web Key Set: {"keys": [...]}';
const scopes: Check = (value) => {
  if (typeof value !== 'string') return `scopes separated by spaces, out of ${allScopes.join(' ')}`;
  const unknown = value.split(' ').find((scope) => !(allScopes as readonly string[]).includes(scope));
  return unknown === undefined ? undefined : `scopes out of ${allScopes.join(' ')}`;
};

/** Every member that a client may have, and what it must be. */
const members: Readonly<Record<keyof Client, Check>> = {
  client_id: ascii,
  client_secret: ascii,
  client_name: text,
  client_uri: address,
  redirect_uris: addresses,
  post_logout_redirect_uris: addresses,
  token_endpoint_auth_method: oneOf(...authMethods),
  scope: scopes,
  grant_types: someOf('authorization_code', 'refresh_token'),
  response_types: someOf('code'),
  application_type: oneOf('web', 'native'),
  subject_type: oneOf('public', 'pairwise'),
  sector_identifier_uri: address,
  // Emta has one key, which is RSA.
  id_token_signed_response_alg: oneOf('RS256'),
  userinfo_signed_response_alg: oneOf('RS256'),
  token_endpoint_auth_signing_alg: oneOf('RS256', 'PS256', 'ES256', 'EdDSA'),
  jwks: keySet,
  jwks_uri: address,
  default_max_age: count,
  require_auth_time: flag,
  require_pushed_authorization_requests: flag,
  emta_iss_parameter: flag,
  emta_relax: someOf(...Object.keys(relaxations)),
  emta_client_name_en: text,
};

/** Reads client metadata; nothing that would be ignored is accepted. Throws `bad_client` with every problem at once. */
export function parseClient(input: unknown, where = 'client'): Client {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new EmtaError('bad_client', `expected "${where}" to be an object, got ${JSON.stringify(input)}`);
  }
  const given = input as Readonly<Record<string, unknown>>;
  const problems = Object.entries(given).flatMap(([name, value]) => {
    if (!Object.hasOwn(members, name)) {
      const meant = nearest(name, Object.keys(members));
      return [`unknown member "${name}"${meant ? `, did you mean "${meant}"?` : ''}`];
    }
    const wanted = members[name as keyof Client](value);
    return wanted === undefined ? [] : [`expected "${name}" to be ${wanted}, got ${JSON.stringify(value)}`];
  });
  for (const name of ['client_id', 'redirect_uris']) {
    if (given[name] === undefined) problems.push(`expected a member "${name}", got none`);
  }
  const method = given.token_endpoint_auth_method ?? (given.client_secret ? 'client_secret_post' : 'none');
  const usesSecret = method === 'client_secret_post' || method === 'client_secret_basic';
  if (usesSecret && given.client_secret === undefined) {
    problems.push(`expected a member "client_secret" for the method ${method}, got none`);
  }
  if (!usesSecret && given.client_secret !== undefined) {
    problems.push(`expected no member "client_secret" for the method ${method}, which does not use it`);
  }
  if (Array.isArray(given.grant_types) && !given.grant_types.includes('authorization_code')) {
    problems.push('expected "grant_types" to include authorization_code, by which every login begins');
  }
  if (method === 'private_key_jwt' && given.jwks === undefined && given.jwks_uri === undefined) {
    problems.push('expected a member "jwks" or "jwks_uri" for the method private_key_jwt, got neither');
  }
  if (problems.length > 0) throw new EmtaError('bad_client', `${where}: ${problems.join('; ')}`);
  const scope = (given.scope as string | undefined) ?? allScopes.filter((name) => name !== 'offline_access').join(' ');
  return {
    grant_types: scope.split(' ').includes('offline_access')
      ? ['authorization_code', 'refresh_token']
      : ['authorization_code'],
    response_types: ['code'],
    ...given,
    scope,
    token_endpoint_auth_method: method,
  } as unknown as Client;
}

/** Reads what oidc-provider keeps of a client that registered itself; members of its own are left out. */
export function clientFromRegistration(metadata: Readonly<Record<string, unknown>>): Client {
  const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
  const known = Object.entries(metadata).filter(([name, value]) => Object.hasOwn(members, name) && !isEmpty(value));
  return parseClient(Object.fromEntries(known));
}

export interface ClientRegistry {
  find(clientId: string): Promise<Client | undefined>;
  list(): Promise<readonly Client[]>;
  put(client: Client): Promise<void>;
  delete(clientId: string): Promise<boolean>;
}

/** Where registrations outlive the process: the registry file. */
export interface ClientFile {
  readonly clients: ReadonlyMap<string, object>;
  putClient(metadata: { readonly client_id: string } & { readonly [member: string]: Json }): Promise<void>;
  removeClient(clientId: string): Promise<void>;
}

/** Clients given at the start, those of the registry file, and those put in later. */
export function createClientRegistry(store: Store, given: readonly Client[], file?: ClientFile): ClientRegistry {
  const atStart = new Map(given.map((client) => [client.client_id, client]));
  const key = (clientId: string) => `client:{${clientId}}`;
  const forever = Number.POSITIVE_INFINITY;
  const GONE = 'gone';

  function inFile(clientId: string): Client | undefined {
    const metadata = file?.clients.get(clientId);
    return metadata && parseClient(metadata, `clients of the registry file, "${clientId}"`);
  }

  async function find(clientId: string): Promise<Client | undefined> {
    const stored = await store.get(key(clientId));
    if (stored === GONE) return undefined;
    return (stored as unknown as Client | undefined) ?? inFile(clientId) ?? atStart.get(clientId);
  }

  return {
    find,
    async list() {
      const added = (await store.list('clients')).map(({ value }) => String(value));
      const ids = new Set([...atStart.keys(), ...(file?.clients.keys() ?? []), ...added]);
      const found = await Promise.all([...ids].map(find));
      return found.filter((client) => client !== undefined);
    },
    async put(client) {
      await file?.putClient(client as unknown as Parameters<ClientFile['putClient']>[0]);
      if (!(await find(client.client_id))) {
        await store.append('clients', client.client_id, { ttl: forever, keep: 10_000 });
      }
      await store.set(key(client.client_id), client as unknown as Json, forever);
    },
    async delete(clientId) {
      const known = (await find(clientId)) !== undefined;
      await file?.removeClient(clientId);
      await store.set(key(clientId), GONE, forever);
      return known;
    },
  };
}
