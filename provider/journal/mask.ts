import { hash } from 'node:crypto';
import { parseJson } from '../kernel/json-text.ts';
import type { Json } from '../kernel/ports.ts';

/** Values that open something: only a short hash is kept, so that equal ones can be told from different ones. */
const SECRET = new Set([
  'access_token',
  'authorization',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'cookie',
  'id_token',
  'id_token_hint',
  'password',
  'refresh_token',
  'request',
  'set-cookie',
  'token',
]);

/** Values that tell who somebody is: the outline is kept. */
const PERSONAL = new Set([
  'birth_date',
  'birthDate',
  'birth_day',
  'birth_month',
  'birth_year',
  'birthdate',
  'birthdate_jalali',
  'captcha',
  'email',
  'family',
  'family_name',
  'fatherName',
  'father_name',
  'given_name',
  'login_hint',
  'mobile',
  'mobileNumber',
  'name',
  'nationalCode',
  'national_code',
  'phone_number',
  'place_of_issue',
  'placeOfIssue',
  'primaryEmail',
  'shenasnamehNumber',
  'shenasnamehSerial',
  'shenasnameh_number',
  'shenasnameh_serial',
  'text',
  'to',
]);

export function hashOf(value: string): string {
  return `sha256:${hash('sha256', value, 'base64url').slice(0, 16)}`;
}

/** `+989070000101` becomes `+98907***0101`, a short value only `***`. */
function outlineOf(value: string): string {
  if (/^\+989\d{9}$/.test(value)) return `${value.slice(0, 6)}***${value.slice(-4)}`;
  return value.length >= 8 ? `${value.slice(0, 2)}***${value.slice(-2)}` : '***';
}

function maskUrl(value: string): string {
  return value.replace(/([?&#])([^=&#]+)=([^&#]*)/g, (_, sign: string, name: string, content: string) => {
    if (SECRET.has(name)) return `${sign}${name}=${hashOf(decodeLoosely(content))}`;
    return `${sign}${name}=${PERSONAL.has(name) ? outlineOf(decodeLoosely(content)) : content}`;
  });
}

function decodeLoosely(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? text;
}

/** A body as text: JSON is masked member by member; of anything else nobody knows what it holds. */
function maskBody(body: string): string {
  if (body === '' || body === '(a page)') return body;
  const json = parseJson(body);
  return json.ok && typeof json.value === 'object'
    ? JSON.stringify(mask(json.value))
    : `(${body.length} characters, ${hashOf(body)})`;
}

/** A copy for the record: secrets hashed, personal values in outline, everything else as it was. */
export function mask(value: Json, name = ''): Json {
  if (Array.isArray(value)) return value.map((item: Json) => mask(item, name));
  if (value !== null && typeof value === 'object') {
    const masked: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      // A member called `__proto__` is to be one here too.
      if (key === '__proto__') Object.defineProperty(masked, key, { value: mask(member, key), enumerable: true });
      else masked[key] = mask(member, key);
    }
    return masked;
  }
  if (name === 'body' && typeof value === 'string') return maskBody(value);
  if (SECRET.has(name)) return typeof value === 'string' ? hashOf(value) : value;
  if (PERSONAL.has(name)) return value === null || typeof value === 'boolean' ? value : outlineOf(String(value));
  return typeof value === 'string' && value.includes('=') ? maskUrl(value) : value;
}
