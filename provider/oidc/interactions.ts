import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { scopesOpening } from '../claims/index.ts';
import type { CookieSigner } from '../kernel/cookie-signer.ts';
import type { Clock, Random, Store } from '../kernel/ports.ts';
import { parseMobile } from '../registry/mobile.ts';
import type { Journey } from '../steps/journey.ts';
import { isBeingAnswered } from './adapter.ts';
import type { ClientRegistry } from './clients.ts';
import type { Journeys } from './journeys.ts';
import { languageOf } from './language.ts';
import { levelFor } from './levels.ts';
import type { Login, Logins } from './logins.ts';
import type { StartedInteraction } from './openid-provider.ts';

/** The way between the pages and oidc-provider. Request and response carry the cookie that proves whose journey it is. */
export interface Interactions {
  /** Whose journey this browser holds at this path, or undefined when it holds none. */
  uidOf(req: IncomingMessage, res: ServerResponse): Promise<string | undefined>;
  /** Whose journey this browser held at this path before it ended; a signed cookie says so. */
  heldUid(req: IncomingMessage): string | undefined;
  /** Whether the answer to the relying party is being made, here or by another process. */
  isBeingAnswered(uid: string): Promise<boolean>;
  /** Whether this citizen granted as much to this client before, and need not be asked again. */
  isGranted(req: IncomingMessage, res: ServerResponse, journey: Journey): Promise<boolean>;
  /** Notes the citizen's grant; answers where the browser goes next. */
  grant(req: IncomingMessage, res: ServerResponse, journey: Journey): Promise<string>;
  /** Notes that there will be no login; answers where the browser goes next. */
  deny(
    req: IncomingMessage,
    res: ServerResponse,
    error: { readonly error: string; readonly description: string },
  ): Promise<string>;
}

type UnknownParams = Readonly<Record<string, unknown>>;

interface InteractionPorts {
  readonly provider: Provider;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly store: Pick<Store, 'get'>;
  readonly cookieSigner: CookieSigner;
  readonly rememberLogin: boolean;
  readonly rememberConsent: boolean;
  /** Scopes that the citizen is made to withhold, by an armed fault. */
  readonly withheld: (journey: Journey) => Promise<readonly string[]>;
}

export function createInteractions(ports: InteractionPorts): Interactions {
  const { provider, logins, clock } = ports;

  /** OIDC Core 3.1.2.1: whoever signed in has to be the one whom `id_token_hint` names. */
  async function isWanted(
    sub: string,
    { clientId }: Journey,
    { id_token_hint: hint }: UnknownParams,
  ): Promise<boolean> {
    if (typeof hint !== 'string') return true;
    const client = await provider.Client.find(clientId);
    const known = client?.subjectType === 'pairwise' ? logins.pairwiseSubOf(sub, String(client.sectorIdentifier)) : sub;
    return decodeJwt(hint).sub === known;
  }

  /** Takes the person of before out of a browser, whom oidc-provider would ask to sign out first. */
  async function forget(sessionUid: string): Promise<void> {
    const session = await provider.Session.findByUid(sessionUid);
    if (!session) return;
    delete session.accountId;
    delete session.authorizations;
    await session.persist();
  }
  return {
    async uidOf(req, res) {
      try {
        return (await provider.interactionDetails(req, res)).uid;
      } catch (error) {
        if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
        throw error;
      }
    },

    heldUid: (req) => signedCookie(req.headers.cookie ?? '', provider.cookieName('interaction'), ports.cookieSigner),

    isBeingAnswered: (uid) => isBeingAnswered(uid, ports.store),

    async isGranted(req, res, journey) {
      if (!ports.rememberConsent || !journey.nationalCode) return false;
      const { params } = await provider.interactionDetails(req, res);
      if (String(params.prompt ?? '').includes('consent')) return false;
      const granted = await logins.consented(logins.subOf(journey.nationalCode), journey.clientId);
      return [...journey.scopes, ...journey.asksFor].every((scope) => granted.includes(scope));
    },

    async grant(req, res, journey) {
      const { nationalCode, mobile } = journey;
      if (!nationalCode || !mobile) throw new TypeError('expected a journey that was verified');
      const withheld = await ports.withheld(journey);
      const sub = logins.subOf(nationalCode);
      const grant = new provider.Grant({ accountId: sub, clientId: journey.clientId });
      grant.addOIDCScope(journey.scopes.join(' '));
      if (withheld.length > 0) grant.rejectOIDCScope(withheld.join(' '));
      const { params, prompt, session } = await provider.interactionDetails(req, res);
      if (!(await isWanted(sub, journey, params))) {
        const description = 'another person signed in than id_token_hint names';
        return provider.interactionResult(req, res, { error: 'login_required', error_description: description });
      }
      const claims = claimsAskedFor(params.claims);
      if (claims.length > 0) grant.addOIDCClaims(claims);
      const grantId = await grant.save();
      const at = Math.floor(clock.now() / 1000);
      const login: Login = {
        journey: journey.uid,
        clientId: journey.clientId,
        sub,
        nationalCode,
        mobile,
        mobileProven: journey.mobileProven !== false,
        at,
      };
      await logins.remember(grantId, login);
      if (ports.rememberConsent && withheld.length === 0) {
        await logins.rememberConsent(login, [...journey.scopes, ...journey.asksFor]);
      }
      // Who was known from before did not sign in now, and the time of that login stays.
      if (prompt.name === 'consent') return provider.interactionResult(req, res, { consent: { grantId } });
      const returnTo = await provider.interactionResult(req, res, {
        login: { accountId: sub, remember: ports.rememberLogin, acr: levelFor(params), amr: ['sms', 'kba'] },
        consent: { grantId },
      });
      if (session?.accountId !== undefined && session.accountId !== sub) await forget(session.uid);
      return returnTo;
    },

    deny: (req, res, { error, description }) =>
      provider.interactionResult(
        req,
        res,
        { error, error_description: description },
        { mergeWithLastSubmission: false },
      ),
  };
}

/** The value of a cookie that we signed; of two with one name, which two paths give, the first, as browsers order them. */
function signedCookie(header: string, name: string, signer: CookieSigner): string | undefined {
  const value = cookieIn(header, name);
  const signature = cookieIn(header, `${name}.sig`);
  return value && signature && signer.verify(`${name}=${value}`, signature) ? value : undefined;
}

function cookieIn(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const trimmed = pair.trimStart();
    if (trimmed.startsWith(`${name}=`)) return trimmed.slice(name.length + 1).trimEnd();
  }
  return undefined;
}

/** Names of single claims in the request parameter `claims` (OIDC Core 5.5). */
function claimsAskedFor(parameter: unknown): string[] {
  if (typeof parameter !== 'string') return [];
  const { userinfo = {}, id_token = {} } = JSON.parse(parameter) as Readonly<Record<string, object | undefined>>;
  return [...new Set([...Object.keys(userinfo), ...Object.keys(id_token)])];
}

/** Begins the journey of an authorization request. */
export function journeyStarter(ports: {
  readonly journeys: Journeys;
  readonly clients: ClientRegistry;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly random: Random;
  readonly basePath: string;
}): (ctx: KoaContextWithOIDC, interaction: StartedInteraction) => Promise<string> {
  return async (_ctx, { uid, params, prompt, session }) => {
    const clientId = String(params.client_id);
    const client = await ports.clients.find(clientId);
    const hint = parseMobile(String(params.login_hint ?? ''));
    const known =
      prompt.name === 'consent' && session?.accountId ? await ports.logins.bySub(session.accountId) : undefined;
    const scopes = String(params.scope ?? '')
      .split(' ')
      .filter(Boolean);
    await ports.journeys.create({
      uid,
      version: 0,
      clientId,
      clientName: client?.client_name ?? clientId,
      redirectUri: String(params.redirect_uri),
      scopes,
      asksFor: [...new Set([...scopes, ...scopesOpening(claimsAskedFor(params.claims))])],
      lang: languageOf(params.ui_locales),
      startedAt: ports.clock.now(),
      csrf: ports.random.id(),
      step: known ? 'consent' : 'mobile',
      codesSent: 0,
      ...(known && { nationalCode: known.nationalCode, mobile: known.mobile, mobileProven: known.mobileProven }),
      ...(hint.ok && { misses: { values: { mobile: String(params.login_hint) }, errors: [] } }),
    });
    return `${ports.basePath}/journey/${uid}`;
  };
}
