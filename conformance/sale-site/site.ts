import type { Context } from 'koa';
import type { Account, Accounts } from './accounts.ts';
import { type Cookies, readCookie, writeCookie } from './cookies.ts';
import type { Limit } from './limits.ts';
import type { Emta } from './login/emta.ts';
import type { Identity } from './login/identity.ts';
import { personId } from './login/identity.ts';
import type { Logins } from './login/logins.ts';
import type { PageModel, PageModels } from './page-models.ts';
import type { Pages } from './pages.ts';
import type { Policy } from './policy.ts';
import type { Clock, Log, Random, SendSms } from './ports.ts';
import { secret } from './random.ts';
import { remembered, type Session, type Sessions, type Who } from './sessions.ts';

/** Everything that the site's routes use. */
export interface Site {
  readonly baseUrl: string;
  readonly isSecure: boolean;
  readonly asksMobile: boolean;
  readonly hasDriverHooks: boolean;
  readonly policy: Policy;
  readonly emta: Emta;
  readonly otherEmta?: Emta;
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly pages: Pages;
  readonly cookies: Cookies;
  readonly sendSms: SendSms;
  readonly signInTries: Limit;
  readonly codesSent: Limit;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Somebody who is In, whether by Emta or by password. */
export interface Person {
  /** The same at every sign-in, and different for every citizen. */
  readonly id: string;
  readonly name: string;
  readonly nationalCode: string;
  readonly mobile: string;
  readonly account?: Account;
}

export function sessionOf(ctx: Context, site: Site): Session | undefined {
  return site.sessions.find(readCookie(ctx, site.cookies.session));
}

/** The account of a citizen whom Emta has verified. */
export function accountOf(identity: Identity, { accounts, policy }: Site): Account | undefined {
  return policy.ownAccount(accounts.byKey(policy.keyOf(identity)), accounts.byNationalCode(identity.nationalCode));
}

export function personOf(session: Session | undefined, site: Site): Person | undefined {
  if (session === undefined) return undefined;
  if (session.who.kind === 'member') {
    const account = site.accounts.byId(session.who.accountId);
    if (account === undefined) return undefined;
    const { givenName, familyName, nationalCode, mobile } = account.details;
    return { id: account.id, name: nameOf(givenName, familyName), nationalCode, mobile, account };
  }
  const { identity } = session.who;
  const account = accountOf(identity, site);
  return {
    id: account?.id ?? personId(site.policy.keyOf(identity)),
    name: nameOf(identity.givenName, identity.familyName),
    nationalCode: identity.nationalCode,
    mobile: identity.mobile ?? '',
    ...(account === undefined ? {} : { account }),
  };
}

export function nameOf(givenName: string | undefined, familyName: string | undefined): string {
  return [givenName, familyName].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Begins a session for somebody, and gives the browser its cookie. */
export function signIn(ctx: Context, site: Site, who: Who, isRemembered = false): Session {
  const old = readCookie(ctx, site.cookies.session);
  const session = site.policy.renewSession(site.sessions, old, who, isRemembered);
  const flags = site.policy.cookieFlags(site.isSecure);
  writeCookie(ctx, site.cookies.session, session.id, flags, isRemembered ? remembered / 1000 : undefined);
  return session;
}

export function signOut(ctx: Context, site: Site): void {
  site.sessions.close(readCookie(ctx, site.cookies.session));
  writeCookie(ctx, site.cookies.session, '', site.policy.cookieFlags(site.isSecure), 0);
}

/** The name of this browser, given to it at its first login and known to nobody else. */
export function browserOf(ctx: Context, site: Site): string {
  const known = readCookie(ctx, site.cookies.browser);
  if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
  const browser = secret(site.random);
  writeCookie(ctx, site.cookies.browser, browser, site.policy.cookieFlags(site.isSecure));
  return browser;
}

/** Draws a page for whoever is looking; the status is 200 unless given. */
export function show<Name extends keyof PageModels>(
  ctx: Context,
  site: Site,
  name: Name,
  model: PageModels[Name],
  status = 200,
): void {
  const visitor = personOf(sessionOf(ctx, site), site)?.name;
  const known: PageModel = visitor === undefined ? {} : { visitor };
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = site.pages.page(name, { ...known, ...model });
}

/** Sends the browser on with a GET, so that a reload repeats nothing. */
export function goTo(ctx: Context, path: string): void {
  ctx.status = 303;
  ctx.set('Location', path);
  ctx.body = '';
}
