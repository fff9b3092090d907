import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';

type Json = Readonly<Record<string, unknown>>;

/** What a stubbed answer may be changed into. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly hang?: boolean;
}

export interface Call {
  readonly path: string;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Changes that a test makes to one kind of answer; each gets the sound one. */
export interface Tampering {
  authorization?: (answer: URLSearchParams) => URLSearchParams;
  token?: (body: Json) => Answer;
  idToken?: (claims: Json) => Json;
  sign?: (claims: Json, keys: StubKeys) => Promise<string>;
  userinfo?: (body: Json) => Answer;
  identity?: (body: Json) => Answer;
  mobile?: (body: Json) => Answer;
  discovery?: (body: Json) => Answer;
  jwks?: (body: Json) => Answer;
}

export interface StubKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

export interface StubEmta {
  readonly issuer: string;
  readonly calls: readonly Call[];
  readonly tampering: Tampering;
  /** Who is sitting before the browser. */
  citizen: Json;
  close(): Promise<void>;
}

export const client = { client_id: 'ikco', client_secret: 'made-up-secret' } as const;

export const reza: Json = {
  sub: 'sub-reza',
  given_name: 'رضا',
  family_name: 'فرهمند',
  father_name: 'منوچهر',
  national_code: '9991001026',
  birthdate: '1998-09-29',
  birthdate_jalali: '1377/07/07',
  gender: 'male',
  shenasnameh_number: '9991001026',
  place_of_issue: 'تهران',
  phone_number: '+989070000102',
  phone_number_verified: true,
};

export const parvin: Json = {
  sub: 'sub-parvin',
  given_name: 'پروین',
  family_name: 'سعادت',
  father_name: 'یدالله',
  national_code: '9991001034',
  birthdate: '1966-09-22',
  birthdate_jalali: '1345/06/31',
  gender: 'female',
  shenasnameh_number: '412',
  place_of_issue: 'شیراز',
  phone_number: '+989070000103',
  phone_number_verified: true,
};

const keyPair = (): StubKeys => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }), kid: randomUUID() });

/** An Emta that consents at once: enough of one to see what the site asks, and to answer it wrongly. */
export async function startStubEmta(): Promise<StubEmta> {
  const keys = keyPair();
  const calls: Call[] = [];
  const tampering: Tampering = {};
  const codes = new Map<string, { readonly query: URLSearchParams; readonly citizen: Json }>();
  const tokens = new Map<string, Json>();
  const stub = { citizen: reza };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '/', 'http://stub');
      let text = '';
      for await (const chunk of request) text += chunk;
      const call = {
        path: url.pathname,
        method: request.method ?? '',
        query: url.searchParams,
        form: new URLSearchParams(text),
        headers: request.headers,
      };
      calls.push(call);
      const answer = await route(call);
      if (answer.hang) return;
      const isText = typeof answer.body === 'string';
      response.writeHead(answer.status ?? 200, {
        'content-type': isText ? 'text/html' : 'application/json',
        ...answer.headers,
      });
      response.end(isText ? answer.body : JSON.stringify(answer.body ?? null));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function route(call: Call): Promise<Answer> {
    switch (call.path) {
      case '/.well-known/openid-configuration':
        return apply(tampering.discovery, {
          issuer,
          authorization_endpoint: `${issuer}/oauth/authorize`,
          token_endpoint: `${issuer}/service/v1/oauth/token`,
          userinfo_endpoint: `${issuer}/service/v1/oauth/userinfo`,
          jwks_uri: `${issuer}/oauth/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['pairwise'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
        });
      case '/oauth/jwks':
        return apply(tampering.jwks, {
          keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: keys.kid, alg: 'RS256', use: 'sig' }],
        });
      case '/oauth/authorize':
        return authorize(call);
      case '/service/v1/oauth/token':
        return token(call);
      case '/service/v1/oauth/userinfo': {
        const citizen = citizenOf(call);
        return citizen === undefined ? unauthorized : apply(tampering.userinfo, citizen);
      }
      case '/service/v1/user/identity/general': {
        const citizen = citizenOf(call);
        return citizen === undefined ? unauthorized : apply(tampering.identity, identityOf(citizen));
      }
      case '/service/v1/user/primaryMobileNumber': {
        const citizen = citizenOf(call);
        if (citizen === undefined) return unauthorized;
        return apply(tampering.mobile, { primaryMobileNumber: { mobileNumber: citizen.phone_number } });
      }
      default:
        return { status: 404, body: { error: 'not_found' } };
    }
  }

  function authorize({ query }: Call): Answer {
    const code = randomUUID();
    codes.set(code, { query, citizen: stub.citizen });
    const sound = new URLSearchParams({ code, iss: issuer });
    const state = query.get('state');
    if (state !== null) sound.set('state', state);
    const answer = tampering.authorization?.(sound) ?? sound;
    return { status: 303, headers: { location: `${query.get('redirect_uri')}?${answer}` }, body: '' };
  }

  async function token({ form }: Call): Promise<Answer> {
    const found = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const expected = found?.query.get('code_challenge') ?? null;
    if (found === undefined || (expected !== null && expected !== challenge)) {
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    const accessToken = randomUUID();
    tokens.set(accessToken, found.citizen);
    const now = Math.floor(Date.now() / 1000);
    const nonce = found.query.get('nonce');
    const sound = {
      iss: issuer,
      sub: found.citizen.sub,
      aud: client.client_id,
      iat: now,
      exp: now + 3600,
      ...(nonce === null ? {} : { nonce }),
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    };
    const claims = tampering.idToken?.(sound) ?? sound;
    const idToken = await (tampering.sign ?? signSoundly)(claims, keys);
    const isOpenId = found.query.get('scope')?.split(' ').includes('openid') ?? false;
    const body = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 900,
      scope: found.query.get('scope') ?? '',
    };
    return apply(tampering.token, isOpenId ? { ...body, id_token: idToken } : body);
  }

  function citizenOf({ headers }: Call): Json | undefined {
    return tokens.get(String(headers.authorization ?? '').replace('Bearer ', ''));
  }

  return Object.assign(stub, {
    issuer,
    calls,
    tampering,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

const unauthorized: Answer = { status: 401, body: { error: 'invalid_token' } };

function apply(tamper: ((body: Json) => Answer) | undefined, body: Json): Answer {
  return tamper?.(body) ?? { body };
}

function signSoundly(claims: Json, { privateKey, kid }: StubKeys): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

/** A JWT put together by hand, for headers that no library signs. */
export function rawJwt(header: Json, claims: Json, secret = ''): string {
  const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${secret === '' ? '' : createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function identityOf(citizen: Json): Json {
  return {
    name: citizen.given_name,
    family: citizen.family_name,
    fatherName: citizen.father_name,
    nationalCode: citizen.national_code,
    birthDate: citizen.birthdate_jalali,
    shenasnamehNumber: citizen.shenasnameh_number,
    placeOfIssue: citizen.place_of_issue,
    gender: citizen.gender,
  };
}
