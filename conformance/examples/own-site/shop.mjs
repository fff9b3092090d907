import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import * as oidc from 'openid-client';

const port = Number(process.env.PORT ?? 8080);
const site = process.env.SITE ?? `http://localhost:${port}`; // as browsers call it
const issuer = new URL(process.env.OIDC_ISSUER ?? 'http://localhost:4299');
let found; // kept from the first login on, and looked for again where it failed: the shop starts without Emta
const findEmta = () => {
  found ??= oidc.discovery(issuer, 'shop', undefined, oidc.ClientSecretBasic('made-up-secret'), {
    execute: [
      oidc.enableNonRepudiationChecks, // the signature of the ID token, which this library leaves to TLS otherwise
      oidc.allowInsecureRequests, // http, so only on this machine
    ],
    timeout: 5, // seconds that a customer is kept waiting for Emta
  });
  return found.catch((error) => {
    found = undefined;
    throw error;
  });
};
const sessions = new Map(); // cookie -> { login } or { person }
const newId = () => randomBytes(16).toString('hex');

async function answer(request, response) {
  const url = new URL(request.url, site);
  const cookie = /(?:^|; )shop=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  const session = sessions.get(cookie) ?? {};
  let id = sessions.has(cookie) ? cookie : newId();
  const page = (status, text, to) => {
    response.setHeader('cache-control', 'no-store');
    if (Object.keys(session).length > 0) {
      sessions.set(id, session); // and no cookie in the place of another where there is nothing to keep
      response.setHeader('set-cookie', `shop=${id}; HttpOnly; SameSite=Lax; Path=/`);
    }
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...(to && { location: to }) });
    response.end(
      `<!doctype html><html lang="en"><title>Shop</title><p>${text}</p><a href="/login">Sign in</a> <a href="/">Home</a>`,
    );
  };

  if (url.pathname === '/login') {
    const config = await findEmta();
    const verifier = oidc.randomPKCECodeVerifier();
    session.login = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier };
    const to = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${site}/cb`,
      scope: 'openid user:identity:general user:primaryMobileNumber',
      state: session.login.state,
      nonce: session.login.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return page(303, 'To Emta', to.href);
  }
  if (url.pathname === '/cb') {
    const { login } = session;
    if (!login || url.searchParams.get('state') !== login.state) return page(400, 'No login was started here');
    delete session.login; // one answer for each login
    if (url.searchParams.has('error') || !url.searchParams.has('code')) return page(200, wordsFor(url.searchParams));
    const checks = { expectedState: login.state, expectedNonce: login.nonce, pkceCodeVerifier: login.verifier };
    try {
      const config = await findEmta();
      const tokens = await oidc.authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true });
      const { sub } = tokens.claims();
      const person = await oidc.fetchUserInfo(config, tokens.access_token, sub);
      const isProven = person.phone_number_verified === true;
      session.person = { sub, name: person.name, ...(isProven && { mobile: person.phone_number }) };
    } catch (error) {
      console.error(error); // for the operator: a customer can do nothing with it
      return page(400, 'Emta did not answer as it should. Nobody was signed in; please try again later');
    }
    sessions.delete(id);
    id = newId(); // so that nobody is signed in under a cookie that somebody else knows
    return page(303, 'Welcome', '/account');
  }
  if (url.pathname === '/account') {
    if (!session.person) return page(401, 'Please sign in');
    return page(200, `Hello ${escaped(session.person.name)}, ${session.person.mobile ?? 'no proven number'}`);
  }
  if (url.pathname === '/api/me') {
    response.writeHead(session.person ? 200 : 401, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    return response.end(JSON.stringify(session.person ?? { error: 'anonymous' }));
  }
  if (url.pathname === '/logout' && request.method === 'POST') {
    delete session.person; // a link of another site cannot do this: it gets, or comes without the cookie
    return page(303, 'Goodbye', '/');
  }
  return page(
    200,
    'Shop. <a href="/account">Account</a> <form method="post" action="/logout"><button>Sign out</button></form>',
  );
}

function wordsFor(answer) {
  const said = [answer.get('error'), answer.get('error_description')].map((text) => text ?? '');
  // Emta names a mismatch in the description; how the real one does is not known, so the error is looked at too.
  if (said.some((text) => text.startsWith('mobile_ownership_mismatch')))
    return 'This mobile number is not registered to you';
  if (said[0] === 'access_denied' || said[0] === '') return 'You did not grant the sign-in';
  return 'Emta cannot sign anybody in at the moment; please try again later';
}
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(503, { 'content-type': 'text/html' }).end('<p>Try again later</p>');
  });
});
server.listen(port, '127.0.0.1', () => console.log(`ready at ${site}`));
