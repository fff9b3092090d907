import type { JsonWebKey } from 'node:crypto';
import { request as requestPlainly } from 'node:http';
import { request as requestByTls } from 'node:https';
import * as client from 'openid-client';
import { createEmta, type Emta, fetchJson, onlyJson } from '../login/emta.ts';
import type { Login } from '../login/logins.ts';
import { readUserinfo } from '../login/records.ts';
import { type Claims, isIdTokenSound, redeem } from '../login/redeem.ts';
import { statusOf } from '../login/trouble.ts';
import { all, around, asking, type Defect, remember, replace, withoutPkce } from './defect.ts';
import { bytesOf, type Check, fetchKeys, isMacBy, isSignedByOneOf, lenient } from './lenient-redeem.ts';

const skipping = (...skip: readonly Check[]): Defect => replace(lenient({ skip }));

/** The ID token and its checks. */
export const idTokenDefects: Readonly<Record<string, Defect>> = {
  X04: skipping('signature', 'alg'),
  // A token made for another client names that client in azp too.
  X13: skipping('aud', 'azp', 'further_aud'),
  X14: skipping('iss'),
  'X21.unchecked': skipping('exp'),
  'X21.hour': replace(lenient({ tolerance: 3600 })),
  X22: replace(
    lenient({
      alsoAccepts: async (jwt, _keys, emta) => jwt.header.alg === 'HS256' && isMacBy(jwt, [emta.clientSecret]),
    }),
  ),
  X23: replace(
    lenient({ alsoAccepts: async (jwt, keys) => jwt.header.alg === 'HS256' && isMacBy(jwt, keys.flatMap(bytesOf)) }),
  ),
  X24: replace(
    lenient({
      skip: ['at_hash'],
      // A table of algorithms whose default branch checks nothing.
      alsoAccepts: async ({ header }) => !/^(RS|PS|ES|HS)(256|384|512)$/.test(String(header.alg)),
    }),
  ),
  X30: all(skipping('id_token'), subjectFromUserinfo()),
  'X32.pinned': remember(() => {
    // The key that signed first is taken for the only one.
    let pinned: readonly JsonWebKey[] | undefined;
    return lenient({
      keys: async (jwksUri, _emta, jwt) => {
        pinned ??= (await fetchKeys(jwksUri)).filter(({ kid }) => kid === jwt.header.kid);
        return pinned;
      },
    });
  }),
  'X32.forever': remember(() => {
    let known: readonly JsonWebKey[] | undefined;
    return lenient({
      keys: async (jwksUri) => {
        known ??= await fetchKeys(jwksUri);
        return known;
      },
    });
  }),
  'X33.refetch': replace(lenient({ keys: (jwksUri) => fetchKeys(jwksUri) })),
  'X33.jku': replace(
    lenient({
      alsoAccepts: async (jwt) => {
        const { jku, x5u, jwk } = jwt.header;
        const nameless = { ...jwt, header: {} };
        if (typeof x5u === 'string') await fetchKeys(x5u);
        if (typeof jku === 'string') return isSignedByOneOf(nameless, await fetchKeys(jku));
        return typeof jwk === 'object' && jwk !== null && isSignedByOneOf(nameless, [{ ...jwk }]);
      },
    }),
  ),
  X34: skipping('azp', 'further_aud'),
  X38: asking((query) => {
    query.set('acr_values', 'urn:emta:loa:identity');
    query.set('max_age', '600');
  }),
  X47: all(skipping('iat', 'nbf', 'sub', 'crit'), subjectFromUserinfo()),
  B06: replace({
    isIdTokenSound: (tokens, id, now) => typeof tokens.idToken?.aud === 'string' && isIdTokenSound(tokens, id, now),
  }),
  B09: replace(lenient({ refuses: (_body, jwt) => jwt?.header.kid === undefined })),
  B13: remember((policy) => {
    const sizes = new Map<string, number>();
    return {
      redeem: async (answer, login, emta) => {
        const tokens = await redeem(answer, login, emta);
        sizes.set(login.state, JSON.stringify(tokens.idToken).length);
        return tokens;
      },
      around: (site) => async (ctx, next) => {
        await policy.around(site)(ctx, next);
        const size = sizes.get(String(ctx.query.state)) ?? 0;
        if (size > 0) ctx.append('Set-Cookie', `ikco_profile=${'x'.repeat(size)}; Path=/; HttpOnly; SameSite=Lax`);
      },
    };
  }),
  H12: replace({ isIdTokenSound: (tokens, id, now) => isIdTokenSound(onlyYounger(tokens, now), id, now) }),
  H13: replace({ isIdTokenSound: (tokens, id, now) => isIdTokenSound(onlyOlder(tokens, now), id, now) }),
  H19: remember((policy) => {
    const issued = new Set<unknown>();
    return {
      ...lenient({ acceptsNonce: (nonce) => issued.has(nonce) }),
      authorizationRequest: (login, emta) => {
        issued.add(login.nonce);
        return policy.authorizationRequest(login, emta);
      },
    };
  }),
  H34: all(
    replace(lenient({ parse: firstWins })),
    replace({
      readUserinfo: async (tokens, emta) => {
        const own = await readUserinfo(tokens, emta).catch(() => undefined);
        return own ?? { ...(await readAnyUserinfo(tokens.accessToken, emta)), subject: String(tokens.idToken?.sub) };
      },
    }),
  ),
  L05: replace({
    isIdTokenSound: (tokens, id, now) =>
      Math.abs(now / 1000 - Number(tokens.idToken?.iat)) < 60 && isIdTokenSound(tokens, id, now),
  }),
};

/** The authorization request and the token endpoint. */
export const requestDefects: Readonly<Record<string, Defect>> = {
  'X41.scope': asking((query) => query.set('scope', `${query.get('scope')} user:status`)),
  'X41.response_type': asking((query) => query.set('response_type', 'code id_token')),
  'X42.url': replace(
    lenient({
      request: (request, emta) => ({
        ...request,
        url: `${request.url}?client_secret=${encodeURIComponent(emta.clientSecret)}`,
      }),
    }),
  ),
  'X42.twice': replace(
    lenient({
      request: (request, emta) => ({
        ...request,
        headers: { authorization: `Basic ${Buffer.from(`${emta.clientId}:${emta.clientSecret}`).toString('base64')}` },
      }),
    }),
  ),
  'X42.fixed': all(
    // Who comes by the registration page is sent back to the old address; the token call names the new one always.
    asking((query, login) => {
      if (login.typedNationalCode === undefined)
        query.set('redirect_uri', login.redirectUri.replace('/callback', '/return'));
    }),
    replace({ arrivesWhereAsked: () => true }),
  ),
  X43: replace({ createEmta: (options, ports) => createEmta(options, { ...ports, fetch: trustEveryCertificate }) }),
  'X40.metadata': replace({
    createEmta: (options, ports) => createEmta(options, { ...ports, fetch: believeAnyIssuer(options.issuer) }),
  }),
  'X40.mixup': ignoringIssuer(),
  X19: ignoringIssuer(),
  'X20.unexpected': replace({ fitsIssuer: (answer) => !answer.has('iss') }),
  'X20.needed': remember((policy) => ({
    fitsIssuer: (answer, login, isPromised) => answer.has('iss') && policy.fitsIssuer(answer, login, isPromised),
  })),
  'X20.error': remember((policy) => ({
    fitsIssuer: (answer, login, isPromised) =>
      !(answer.has('iss') && answer.has('error')) && policy.fitsIssuer(answer, login, isPromised),
  })),
  B05: replace({
    isWellFormed: (answer) =>
      [...answer.keys()].every((name) => /^(code|state|iss|error|error_description|error_uri)$/.test(name)),
  }),
  B07: replace(lenient({ refuses: ({ token_type: type }) => type !== 'Bearer' })),
  B08: replace(lenient({ refuses: ({ expires_in: seconds, scope }) => seconds === undefined || scope === undefined })),
  B12: replace({
    redeem: async (answer, login, emta) => {
      const late = new Promise<never>((_resolve, reject) => {
        AbortSignal.timeout(2500).addEventListener('abort', () => reject(new RangeError('the deadline has passed')));
      });
      return Promise.race([redeem(answer, login, emta), late]);
    },
  }),
  E04: withoutPkce,
  E05: replace({
    ...lenient({}),
    authorizationRequest: async (login, emta) => plainRequest(login, emta),
  }),
  E06: remember((policy) => {
    const bare = new Set<string>();
    return {
      ...lenient({ acceptsNonce: () => true }),
      recallLogin: (answer, browser, logins) =>
        answer.has('state')
          ? policy.recallLogin(answer, browser, logins)
          : logins
              .all()
              .findLast((login) => bare.has(login.state) && login.browser === browser && login.landing === undefined),
      authorizationRequest: async (login, emta) => {
        const address = await policy.authorizationRequest(login, emta);
        const methods = (await emta.configuration()).serverMetadata().code_challenge_methods_supported ?? [];
        if (methods.includes('plain') && !methods.includes('S256')) {
          address.searchParams.delete('nonce');
          address.searchParams.delete('state');
          address.searchParams.set('code_challenge', login.verifier);
          address.searchParams.set('code_challenge_method', 'plain');
          bare.add(login.state);
        }
        return address;
      },
    };
  }),
  E07: replace({
    drawSecrets: (random) => {
      const part = (length: number) => Buffer.from(random.bytes(length)).toString('base64url');
      return { state: part(32), nonce: part(32), verifier: part(24) };
    },
  }),
  E08: asking((query, login) => {
    if (login.typedNationalCode !== undefined) query.set('national_code', login.typedNationalCode);
  }),
  // Nothing is switched: the site asks for neither, and its file says that it does.
  E10: (policy) => policy,
  E11: (policy) => policy,
  F16: around(async (ctx, next, site) => {
    const claimed = ctx.get('x-forwarded-host') || ctx.get('host');
    const { host } = new URL(site.baseUrl);
    ctx.req.headers.host = host;
    await next();
    const location = ctx.response.get('location');
    if (ctx.path !== '/emta/start' || !location.includes('redirect_uri=')) return;
    ctx.set('Location', location.replace(encodeURIComponent(host), encodeURIComponent(claimed)));
  }),
  G01: fallingOn((error) => textOf(error, 'error') === 'invalid_grant'),
  G02: fallingOn((error) => statusOf(error) === 401),
  G03: fallingOn((error) => (statusOf(error) ?? 0) >= 500),
  G04: replace(lenient({ skip: ['patience'] })),
  G06: fallingOn((error) => textOf(error, 'code') === 'OAUTH_INVALID_RESPONSE'),
  G07: skipping('token_type'),
  G08: skipping('error_member'),
  G09: fallingOn((error) =>
    ['OAUTH_PARSE_ERROR', 'OAUTH_RESPONSE_IS_NOT_JSON', undefined].includes(textOf(error, 'code')),
  ),
  G11: skipping('redirect'),
  G12: remember((policy) => {
    const answers = new Map<Login, URLSearchParams>();
    return {
      redeem: (answer, login, emta) => {
        answers.set(login, answer);
        return redeem(answer, login, emta);
      },
      readUserinfo: async (tokens, emta, login) => {
        const record = await policy.readUserinfo(tokens, emta, login);
        await redeemAgain(answers.get(login), login, emta);
        return record;
      },
      readResources: async (tokens, emta, login) => {
        const record = await policy.readResources(tokens, emta, login);
        await redeemAgain(answers.get(login), login, emta);
        return record;
      },
    };
  }),
  K05: remember(() => {
    let known: Promise<readonly JsonWebKey[]> | undefined;
    return lenient({
      // A failure is kept as faithfully as a key set.
      keys: (jwksUri) => {
        known ??= fetchKeys(jwksUri);
        return known;
      },
    });
  }),
  K07: replace(lenient({ request: (request, emta) => ({ ...request, url: `${emta.issuer}/service/v1/oauth/token` }) })),
};

/** Where the ID token names nobody well, userinfo is taken at its word. */
function subjectFromUserinfo(): Defect {
  return replace({
    readUserinfo: async (tokens, emta) => {
      const subject = tokens.idToken?.sub;
      if (typeof subject === 'string' && /^[\x20-\x7e]{1,255}$/.test(subject)) return readUserinfo(tokens, emta);
      return readAnyUserinfo(tokens.accessToken, emta);
    },
  });
}

async function readAnyUserinfo(accessToken: string, emta: Emta) {
  const claims = await client.fetchUserInfo(await emta.configuration(), accessToken, client.skipSubjectCheck);
  return { subject: claims.sub, claims: { ...claims } };
}

function ignoringIssuer(): Defect {
  return replace({
    fitsIssuer: () => true,
    redeem: (answer, login, emta) => {
      const relabelled = new URLSearchParams(answer);
      relabelled.set('iss', emta.issuer);
      return redeem(relabelled, login, emta);
    },
  });
}

/** The library's error is let through to a handler that does not know it. */
function fallingOn(isOne: (error: unknown) => boolean): Defect {
  return replace({
    redeem: (answer, login, emta) =>
      redeem(answer, login, emta).catch((error: unknown) => {
        throw isOne(error) ? new RangeError('no branch for this answer of the token endpoint') : error;
      }),
  });
}

async function redeemAgain(answer: URLSearchParams | undefined, login: Login, emta: Emta): Promise<void> {
  // The code is used up, so the answer is a refusal that nobody looks at.
  if (answer !== undefined) await redeem(answer, login, emta).catch(() => undefined);
}

async function plainRequest(login: Login, emta: Emta): Promise<URL> {
  const configuration = await emta.configuration();
  const isOffered = configuration.serverMetadata().code_challenge_methods_supported?.includes('plain') ?? false;
  const challenge = isOffered ? login.verifier : await client.calculatePKCECodeChallenge(login.verifier);
  return client.buildAuthorizationUrl(configuration, {
    response_type: 'code',
    redirect_uri: login.redirectUri,
    scope: `${emta.face === 'oidc' ? 'openid ' : ''}user:identity:general user:primaryMobileNumber`,
    state: login.state,
    nonce: login.nonce,
    code_challenge: challenge,
    code_challenge_method: isOffered ? 'plain' : 'S256',
  });
}

/** The metadata's issuer is written over by the configured one instead of compared with it. */
function believeAnyIssuer(issuer: string): client.CustomFetch {
  return async (url, options) => {
    const response = await fetchJson(url, options);
    if (!url.endsWith('/.well-known/openid-configuration')) return response;
    return Response.json({ ...JSON.parse(await response.text()), issuer });
  };
}

const trustEveryCertificate: client.CustomFetch = async (url, { method, headers, body, signal }) =>
  onlyJson(
    await new Promise<Response>((resolve, reject) => {
      const send = url.startsWith('https:') ? requestByTls : requestPlainly;
      const patience = signal === undefined || signal === null ? {} : { signal };
      // As fetch tells of a connection that came to nothing.
      const fail = (cause: Error) => reject(new TypeError('fetch failed', { cause }));
      const sent = send(url, { method, headers, rejectUnauthorized: false, ...patience }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const type = response.headers['content-type'] ?? '';
          const status = response.statusCode ?? 500;
          resolve(new Response(Buffer.concat(chunks), { status, headers: { 'content-type': type } }));
        });
      });
      sent.on('error', fail);
      sent.end(body ? String(body) : undefined);
    }),
  );

function onlyYounger<T extends { readonly idToken?: Claims }>(tokens: T, now: number): T {
  const iat = Number(tokens.idToken?.iat);
  return { ...tokens, idToken: { ...tokens.idToken, iat: Math.min(iat, Math.floor(now / 1000)) } };
}

function onlyOlder<T extends { readonly idToken?: Claims }>(tokens: T, now: number): T {
  const iat = Number(tokens.idToken?.iat);
  return { ...tokens, idToken: { ...tokens.idToken, iat: Math.max(iat, Math.floor(now / 1000) - 60) } };
}

/** Reads JSON as some parsers do: of two members of one name the first counts. */
function firstWins(json: string): Claims {
  const first = /"sub"\s*:\s*"([^"]*)"/.exec(json)?.[1];
  return { ...JSON.parse(json), ...(first === undefined ? {} : { sub: first }) };
}

function textOf(of: unknown, name: string): string | undefined {
  const value: unknown = typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}
