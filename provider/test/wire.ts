import { createHash } from 'node:crypto';
import type { Response } from 'supertest';
import type { PersonaId } from '../../fixtures/personas.ts';
import { callback, type Parameters, site, type TestEmta } from './fresh-emta.ts';
import { returned, visitorOf } from './visitor.ts';

const secret = { client_id: site.client_id, client_secret: site.client_secret ?? '' };

/** RFC 7636: a verifier that is visibly made up, and its challenge. */
export const verifier = 'made-up-verifier-0123456789-0123456789-0123456789';
export const challenge = createHash('sha256').update(verifier).digest('base64url');

/** A relying party registered beside the sale site; `undefined` leaves a member out. */
export function clientOf(id: string, more: Readonly<Record<string, unknown>> = {}) {
  const members = {
    client_id: id,
    client_name: `کارفرمای ${id}`,
    redirect_uris: [callback],
    client_secret: `made-up-secret-of-${id}`,
    ...more,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** Grants as a persona; the code that came back. */
export async function codeFor(emta: TestEmta, params?: Parameters, id: PersonaId = 'plain-man'): Promise<string> {
  const { code, error, error_description } = returned(await visitorOf(emta, id).walk('end', params));
  if (!code) throw new Error(`expected a code, got ${error}: ${error_description}`);
  return code;
}

/** A form posted to an endpoint, without cookies; whatever it answers. */
export async function post(
  emta: TestEmta,
  path: string,
  form: Parameters,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const given = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined));
  return emta.api().post(path).type('form').set(headers).send(given);
}

/** The token request of the sale site; `undefined` leaves a member out. */
export function redeem(
  emta: TestEmta,
  code: string,
  other: Parameters = {},
  headers?: Readonly<Record<string, string>>,
): Promise<Response> {
  return post(
    emta,
    '/service/v1/oauth/token',
    { grant_type: 'authorization_code', code, redirect_uri: callback, ...secret, ...other },
    headers,
  );
}

/** A whole login; the token answer. */
export async function tokensFor(
  emta: TestEmta,
  params?: Parameters,
  other?: Parameters,
  id?: PersonaId,
): Promise<Response> {
  const answer = await redeem(emta, await codeFor(emta, params, id), other);
  if (answer.status !== 200) throw new Error(`expected tokens, got ${answer.status} ${answer.text}`);
  return answer;
}

/** GET with a bearer token. */
export async function ask(emta: TestEmta, path: string, token: string): Promise<Response> {
  return emta.api().get(path).auth(token, { type: 'bearer' });
}

export const userinfo = '/service/v1/oauth/userinfo';
export const basic = (id: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(password)}`).toString('base64')}`,
});

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}
