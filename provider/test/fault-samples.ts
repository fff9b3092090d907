import { exportJWK, generateKeyPair } from 'jose';
import { isJsonObject, type JsonObject, type Members, membersOf } from '../faults/members.ts';
import type { SigningKey, TamperContext, Tampered, TokenDraft, WireAnswer } from '../faults/tamper.ts';
import type { Json } from '../kernel/ports.ts';
import { seededRandom } from '../kernel/random.ts';

export const issuer = 'http://localhost:4299';
export const now = Date.parse('2026-05-05T08:00:00Z');
const seconds = now / 1000;

async function makeKey(kid: string): Promise<SigningKey> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const jwk = async (key: typeof pair.publicKey): Promise<JsonObject> => {
    const value: unknown = JSON.parse(JSON.stringify({ ...(await exportJWK(key)), kid, alg: 'RS256', use: 'sig' }));
    if (!isJsonObject(value)) throw new TypeError('expected a JWK');
    return value;
  };
  return { kid, alg: 'RS256', privateJwk: await jwk(pair.privateKey), publicJwk: await jwk(pair.publicKey) };
}

const active = await makeKey('emta-active');
const foreign = await makeKey('attacker');
const named = new Map<string, Promise<SigningKey>>();

/** All that tampering may know, for one citizen of a relying party, with these parameters. */
export function sampleContext(parameters: Readonly<Record<string, Json>> = {}): TamperContext {
  return {
    issuer,
    clientId: 'shop',
    clientSecret: 'made-up-secret-of-the-shop-0123456789',
    parameters,
    keys: {
      active,
      foreign,
      named(label) {
        const key = named.get(label) ?? makeKey(label);
        named.set(label, key);
        return key;
      },
    },
    trapUrl: 'http://trap.invalid',
    now,
    random: seededRandom(4299),
    journey: { mobile: '+989070001094', previousNonce: 'nonce-of-the-login-before' },
    victimClaims: { sub: 'victim', given_name: 'بهرام', national_code: '9991001115', phone_number: '+989070001115' },
    victimIdentity: { name: 'بهرام', family: 'قربانی', nationalCode: '9991001115' },
  };
}

function json(members: JsonObject): WireAnswer {
  const body = JSON.stringify(members);
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)) },
    body,
  };
}

const phone = { phone_number: '+989070001094', phone_number_verified: true };

export const sampleDraft: TokenDraft = {
  header: { alg: 'RS256', typ: 'JWT', kid: active.kid },
  claims: membersOf({
    iss: issuer,
    sub: 'own-subject',
    aud: 'shop',
    exp: seconds + 900,
    iat: seconds,
    auth_time: seconds - 5,
    nonce: 'nonce-of-this-login',
    acr: 'urn:emta:2',
    azp: 'shop',
    at_hash: 'a-hash',
    given_name: 'شیرین',
    national_code: '9991001093',
    ...phone,
  }),
  signing: { kind: 'issuer' },
};

export const samples: Tampered = {
  authorization_response: {
    redirectUri: 'http://127.0.0.1:8080/cb',
    params: new URLSearchParams({ code: 'a-code', state: 'a-state', iss: issuer }),
    mode: 'query',
  },
  token_response: json({
    access_token: 'an-access-token',
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'openid',
    id_token: 'x.y.z',
  }),
  id_token: sampleDraft,
  userinfo: json({ sub: 'own-subject', given_name: 'شیرین', national_code: '9991001093', ...phone }),
  resource_identity: json({ name: 'شیرین', family: 'آذرمهر', nationalCode: '9991001093', birthDate: '1358/10/03' }),
  resource_mobile: json({ primaryMobileNumber: { mobileNumber: '+989070001094' } }),
  discovery: json({
    issuer,
    token_endpoint: `${issuer}/service/v1/oauth/token`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }),
  jwks: json({ keys: [active.publicJwk, { ...active.publicJwk, kid: 'emta-older' }] }),
};

export const refusal: Tampered['authorization_response'] = {
  ...samples.authorization_response,
  params: new URLSearchParams({
    error: 'access_denied',
    error_description: 'consent_refused: the citizen refused',
    state: 'a-state',
    iss: issuer,
  }),
};

/** Every named value of a sample, in the order of the wire; doubled names have two. */
function valuesOf(sample: Tampered[keyof Tampered]): Members {
  if ('signing' in sample) {
    return [
      ...membersOf(sample.header).map(([name, value]) => [`header.${name}`, value] as const),
      ...sample.claims.map(([name, value]) => [`claims.${name}`, value] as const),
      ['signing', sample.signing.kind],
      ...membersOf(sample.alteredAfterSigning ?? {}).map(([name, value]) => [`altered.${name}`, value] as const),
    ];
  }
  if ('params' in sample) {
    return [
      ['redirectUri', sample.redirectUri],
      ['mode', sample.mode],
      ...[...sample.params].map(([name, value]) => [`params.${name}`, value] as const),
    ];
  }
  return [
    ['status', sample.status],
    ...Object.entries(sample.headers)
      .filter(([name]) => name !== 'content-length')
      .map(([name, value]) => [`header.${name}`, value] as const),
    ['transport', sample.transport ?? null],
    ['delay', sample.delayMs ?? 0],
    ...(sample.status === 200 ? bodyOf(sample.body) : ([['body', sample.body]] as const)),
  ];
}

/** Members of a JSON object; what is no JSON object is one value. */
function bodyOf(text: string): Members {
  const value = isJson(text) ? (JSON.parse(text) as Json) : undefined;
  return isJsonObject(value)
    ? membersOf(value).map(([name, member]) => [`body.${name}`, member] as const)
    : [['body', text]];
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The names under which two samples differ. */
export function differences(before: Tampered[keyof Tampered], after: Tampered[keyof Tampered]): readonly string[] {
  const [one, other] = [valuesOf(before), valuesOf(after)];
  const names = new Set([...one, ...other].map(([name]) => name));
  const under = (members: Members, name: string) => JSON.stringify(members.filter(([key]) => key === name));
  const differ = [...names].filter((name) => under(one, name) !== under(other, name)).sort();
  // A body of another kind differs as a whole.
  return differ.includes('body') ? differ.filter((name) => !name.startsWith('body.')) : differ;
}
