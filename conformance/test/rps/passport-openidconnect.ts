import passport from 'passport';
import { Strategy } from 'passport-openidconnect';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { oidcScope, type RelyingPartyKind, type RelyingPartyOptions, signatureUnchecked } from './relying-party.ts';
import { createShop, useSession } from './shop.ts';

/**
 * The strategy as its manual sets it up. Nothing here is made worse on purpose: these are its defaults. One thing is
 * mended: over userinfo that is no JSON, 0.1.2 throws where nobody can catch it, and would end this process.
 */
export const passportOpenidconnect: RelyingPartyKind = {
  id: 'passport-openidconnect',
  what: 'passport-openidconnect with its defaults, as its manual has it',
  face: 'oidc',
  correct: false,
  knownBad: {
    E03: 'sends no nonce',
    E04: 'sends no code_challenge',
    F04: 'with neither nonce nor PKCE, a code of another browser is taken',
    F10: 'knows nothing of the parameter iss',
    F11: 'knows nothing of the parameter iss',
    F12: 'knows nothing of the parameter iss',
    G07: 'does not look at token_type',
    H14: 'does not look at nbf',
    ...signatureUnchecked,
    H29: 'does not look at crit',
  },
  start,
};

interface User {
  readonly account: string;
}

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  // The default export is one for the whole process; shops are many.
  const authenticator = new passport.Passport();
  const strategy = new Strategy(
    {
      issuer,
      authorizationURL: `${issuer}/oauth/authorize`,
      tokenURL: `${issuer}/service/v1/oauth/token`,
      userInfoURL: `${issuer}/service/v1/oauth/userinfo`,
      clientID: clientId,
      clientSecret,
      callbackURL: shop.callbackUrl,
      // The library puts `openid` before it.
      scope: oidcScope.replace('openid ', ''),
    },
    (iss, uiProfile, idProfile, _context, _idToken, _access, _refresh, _parameters, verified) => {
      try {
        const user: User = { account: shop.admit(personOfClaims({ iss, sub: idProfile.id }, uiProfile._json ?? {})) };
        verified(null, user);
      } catch (error) {
        verified(error);
      }
    },
  );
  survive(strategy);
  authenticator.use(strategy);
  authenticator.serializeUser((user, done) => done(null, user));
  authenticator.deserializeUser((user: User, done) => done(null, user));

  useSession(shop);
  shop.app.use(authenticator.session());
  shop.app.get('/login', authenticator.authenticate('openidconnect'));
  shop.app.get(
    '/callback',
    (request, _response, next) => {
      // Without code and error the strategy would start a login of its own.
      const { code, error, error_description: description } = request.query;
      if (code === undefined && error === undefined) throw new LoginEnded('refused');
      if (error !== undefined) throw new LoginEnded(endOf(String(error), String(description ?? '')));
      next();
    },
    authenticator.authenticate('openidconnect', { successRedirect: '/account', failureRedirect: '/failed' }),
  );
  shop.app.get('/failed', () => {
    throw new LoginEnded('bad-answer');
  });

  return shop.open({
    kind: passportOpenidconnect,
    authMethod: 'client_secret_post',
    accountOf: (request) => {
      const user: unknown = request.user;
      return typeof user === 'object' && user !== null && 'account' in user ? String(user.account) : undefined;
    },
    signOut: (request) => new Promise((done, failed) => request.logout((error) => (error ? failed(error) : done()))),
  });
}

/** Makes an error of an answer that the library would fall over. */
function survive(strategy: Strategy): void {
  const get = strategy._oauth2.get.bind(strategy._oauth2);
  strategy._oauth2.get = (url, accessToken, got) =>
    get(url, accessToken, (error, body, response) => {
      if (error || isJson(body ?? '')) got(error, body, response);
      else got(new Error('expected userinfo to be JSON'));
    });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
