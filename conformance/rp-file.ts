// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the file are written so
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { optionalMembers } from './capability-names.ts';
import { ConformanceError } from './errors.ts';
import { type Place, parseJsonWithPlaces } from './json-places.ts';
import type { ClientMetadata, Entry, Probe, RelyingParty } from './relying-party.ts';
import {
  type CheckedFile,
  furtherFaults,
  needsSecret,
  placeOf,
  type RawClient,
  type RawEntry,
  signedInOf,
  textsOf,
  usualMethod,
} from './rp-file-checks.ts';
import { type FileFault, schemaFaults } from './rp-file-faults.ts';

export type * from './relying-party.ts';

const circularScope = 'openid user:identity:general user:primaryMobileNumber';

function entryOf(raw: RawEntry): Entry {
  if (typeof raw === 'string') return { url: raw, method: 'GET', form: {} };
  const form = raw.form ?? {};
  return { url: raw.url, method: raw.method ?? (Object.keys(form).length > 0 ? 'POST' : 'GET'), form };
}

function clientOf(raw: RawClient, makeSecret: (clientId: string) => string): ClientMetadata {
  const method = raw.token_endpoint_auth_method ?? usualMethod;
  return {
    ...raw,
    client_id: raw.client_id,
    redirect_uris: raw.redirect_uris,
    token_endpoint_auth_method: method,
    scope: raw.scope ?? circularScope,
    ...(needsSecret(method) ? { client_secret: raw.client_secret ?? makeSecret(raw.client_id) } : {}),
  };
}

export interface ReadOptions {
  /** Makes the client secret that the file leaves out; the same one in every run, so that it is pasted once. */
  readonly makeSecret?: (clientId: string) => string;
}

/** The client secret where the owner named none: the same one for the same client, so that it is pasted once. */
export const madeSecret = (clientId: string): string =>
  `made-${createHash('sha256').update(`emta-mock client ${clientId}`).digest('base64url').slice(0, 32)}`;

function refuse(file: string, faults: readonly FileFault[], places: ReadonlyMap<string, Place>): never {
  const name = basename(file);
  const lines = faults.map((fault) => {
    const place = places.get(fault.pointer) ?? places.get(fault.pointer.replace(/\/[^/]*$/, ''));
    return `${name}: ${fault.message}${place === undefined ? '' : ` (line ${place.line}, column ${place.column})`}`;
  });
  throw new ConformanceError('rp_file_invalid', lines[0] ?? name, { lines: lines.slice(1) });
}

/** Reads the text of a relying party's file; all its faults at once. */
export function parseRelyingParty(text: string, file: string, options: ReadOptions = {}): RelyingParty {
  const parsed = parseJsonWithPlaces(text);
  if (parsed.kind === 'fault') {
    const { line, column, message } = parsed.fault;
    throw new ConformanceError('rp_file_invalid', `${basename(file)}:${line}:${column}: ${message}`);
  }
  const faults: FileFault[] = parsed.doubled.map(({ line, column, message }) => ({
    message: `${message} (line ${line}, column ${column})`,
    pointer: '#',
  }));
  faults.push(...schemaFaults(parsed.value));
  // The schema has just checked the shape that CheckedFile describes.
  const checked = parsed.value as CheckedFile;
  if (faults.length === 0) faults.push(...furtherFaults(checked));
  if (faults.length > 0) refuse(file, faults, parsed.places);
  return relyingPartyOf(checked, file, options.makeSecret ?? madeSecret);
}

function relyingPartyOf(raw: CheckedFile, file: string, makeSecret: (clientId: string) => string): RelyingParty {
  const folder = dirname(resolve(file));
  const client = clientOf(raw.client, makeSecret);
  const session: Probe | undefined =
    raw.session_url === undefined
      ? undefined
      : typeof raw.session_url === 'string'
        ? { url: raw.session_url, signedIn: { kind: 'default' } }
        : { url: raw.session_url.url, signedIn: signedInOf(raw.session_url.signed_in) };
  const prefilled =
    raw.prefilled === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(raw.prefilled).map(([claim, text]) => [claim, placeOf(text.slice('css:'.length))]),
        );
  const driver = raw.driver ?? 'http';
  return {
    file: resolve(file),
    folder,
    name: raw.name,
    version: raw.version,
    start: entryOf(raw.start_url),
    protectedUrl: raw.protected_url,
    client,
    secretWasMade: raw.client.client_secret === undefined && client.client_secret !== undefined,
    ...(session === undefined ? {} : { session }),
    ...(raw.logout_url === undefined ? {} : { logout: entryOf(raw.logout_url) }),
    ...(raw.refusal === undefined ? {} : { refusal: raw.refusal }),
    ...(raw.mismatch === undefined ? {} : { mismatch: raw.mismatch }),
    ...(raw.mobile_status === undefined
      ? {}
      : { mobileStatus: { url: raw.mobile_status.url, verified: signedInOf(raw.mobile_status.verified) } }),
    locale: raw.locale ?? 'fa',
    ...(raw.registration_url === undefined ? {} : { registrationUrl: raw.registration_url }),
    ...(prefilled === undefined ? {} : { prefilled }),
    ...(raw.launch === undefined
      ? {}
      : {
          launch: {
            command: raw.launch.command,
            cwd: resolve(folder, raw.launch.cwd ?? '.'),
            env: raw.launch.env ?? {},
            readyUrl: raw.launch.ready_url,
            timeoutSeconds: raw.launch.timeout_seconds ?? 30,
          },
        }),
    ...(raw.second_issuer === undefined
      ? {}
      : {
          secondIssuer: {
            start: entryOf(raw.second_issuer.start_url),
            client: clientOf(raw.second_issuer.client, makeSecret),
            env: raw.second_issuer.env ?? {},
          },
        }),
    capabilities: {
      ...raw.capabilities,
      ...(raw.registration_url === undefined ? {} : { registration: true }),
    },
    profile: raw.profile ?? 'core-must',
    driver: typeof driver === 'string' ? { kind: driver } : { kind: 'command', command: driver.command },
    usesPort: [...textsOf(raw)].some(({ text }) => text.includes('${port}')),
    present: optionalMembers.filter((member) => raw[member] !== undefined),
  };
}

/** Reads a relying party's file from disk. */
export function loadRelyingParty(file: string, options: ReadOptions = {}): RelyingParty {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) {
      throw new ConformanceError(
        'rp_file_unreadable',
        `expected the file of a relying party at "${file}", got nothing there`,
        {
          lines: ['`emta init URL` writes a draft by looking at a running site'],
          cause: error,
        },
      );
    }
    throw new ConformanceError('rp_file_unreadable', `"${file}" cannot be read`, { cause: error });
  }
  return parseRelyingParty(text, file, options);
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, mapTexts(inner, change)]));
  }
  return value;
}

/** The same relying party on a port: every `${port}` filled in. */
export function withPort(rp: RelyingParty, port: number): RelyingParty {
  return mapTexts(rp, (text) => text.replaceAll('${port}', String(port))) as RelyingParty;
}

/** A launch command or environment with the issuer's values filled in. */
export function fillPlaceholders<T extends readonly string[] | Readonly<Record<string, string>>>(
  what: T,
  values: Readonly<Record<string, string>>,
): T {
  return mapTexts(what, (text) =>
    text.replaceAll(/\$\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole),
  ) as T;
}
