import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { readCookie } from '../cookies.ts';
import { parseMobile } from '../mobile.ts';
import { parseTypedNationalCode } from '../national-code.ts';
import { postedForm } from '../posted-form.ts';
import { showSignIn } from '../signin/routes.ts';
import { accountOf, browserOf, goTo, type Site, show, signIn } from '../site.ts';
import { typedNumber } from '../text.ts';
import type { Emta } from './emta.ts';
import { endings } from './endings.ts';
import { finishLogin } from './finish.ts';
import { type Reason, reasonOf } from './reason.ts';
import { asLoginEnded } from './trouble.ts';

const pathOf = (reason: Reason): string => `/ended/${reason.replaceAll('_', '-')}`;

/** The way to Emta and back. */
export function addLoginRoutes(router: Router, site: Site): void {
  const { otherEmta } = site;
  router.get('/emta/start', (ctx) => start(ctx, site, site.emta, new URLSearchParams()));
  router.post('/emta/start', async (ctx) => start(ctx, site, site.emta, await postedForm(ctx)));
  if (otherEmta !== undefined) {
    router.get('/emta/other/start', (ctx) => start(ctx, site, otherEmta, new URLSearchParams()));
  }
  router.all('/emta/callback', (ctx) => receive(ctx, site));
  // An address from before, still registered: answers arrive there, and no login asks for them.
  router.all('/emta/return', (ctx) => receive(ctx, site));
  router.get('/ended/:reason', (ctx, next) => {
    const ending = endings.find(({ reason }) => ctx.path === pathOf(reason));
    if (ending === undefined) return next();
    return show(ctx, site, 'ended', ending, ending.status);
  });
}

async function start(ctx: Context, site: Site, emta: Emta, posted: URLSearchParams): Promise<void> {
  const code = typedNumber(posted.get('national_code') ?? '');
  const mobile = typedNumber(posted.get('mobile') ?? '');
  const typedNationalCode = parseTypedNationalCode(code);
  const typedMobile = parseMobile(mobile);
  const errors = {
    ...(code !== '' && typedNationalCode === undefined ? { national_code: { key: 'site.signin.code_invalid' } } : {}),
    ...(mobile !== '' && typedMobile === undefined ? { mobile: { key: 'site.signin.mobile_invalid' } } : {}),
  };
  if (Object.keys(errors).length > 0) return showSignIn(ctx, site, { posted, errors });

  const login = site.logins.add({
    ...site.policy.drawSecrets(site.random),
    issuer: emta.issuer,
    redirectUri: emta.redirectUri,
    browser: browserOf(ctx, site),
    destination: site.policy.destination(new URLSearchParams(ctx.querystring)),
    ...(typedNationalCode === undefined ? {} : { typedNationalCode }),
    ...(typedMobile === undefined ? {} : { typedMobile }),
  });
  try {
    goTo(ctx, (await site.policy.authorizationRequest(login, emta)).href);
  } catch (thrown) {
    const error = asLoginEnded(thrown);
    if (reasonOf(error) === undefined) throw error;
    site.log('starting a login', error);
    goTo(ctx, pathOf('unavailable'));
  }
}

/** The answer's address holds a code, so every answer ends in a redirect that leaves it behind. */
async function receive(ctx: Context, site: Site): Promise<void> {
  if (ctx.method !== 'GET') {
    ctx.set('Allow', 'GET');
    ctx.throw(405);
  }
  const answer = new URLSearchParams(ctx.querystring);
  const browser = readCookie(ctx, site.cookies.browser);
  const ending = await finishLogin({ path: ctx.path, answer, browser }, site);
  const landing = site.policy.landing(landingOf(ctx, site, ending), answer);
  if (ending.kind !== 'repeated' && ending.login !== undefined) ending.login.landing = landing;
  goTo(ctx, landing);
}

function landingOf(ctx: Context, site: Site, ending: Awaited<ReturnType<typeof finishLogin>>): string {
  switch (ending.kind) {
    case 'repeated':
      return ending.landing;
    case 'ended':
      return pathOf(ending.reason);
    case 'in':
      signIn(ctx, site, { kind: 'verified', identity: ending.identity });
      return accountOf(ending.identity, site) === undefined ? ending.login.destination : '/password';
  }
}
