import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { parseTypedNationalCode } from '../national-code.ts';
import type { Errors } from '../page-models.ts';
import { isPassword } from '../password.ts';
import { postedForm } from '../posted-form.ts';
import { goTo, type Site, show, signIn, signOut } from '../site.ts';

/** The home page with its sign-in box, and the way out. */
export function addSignInRoutes(router: Router, site: Site): void {
  router.get('/', (ctx) => showSignIn(ctx, site, {}));
  router.post('/signin', (ctx) => enter(ctx, site));
  // A GET only asks: a link on somebody else's page must not sign anybody out.
  router.get('/signout', (ctx) => show(ctx, site, 'signout', {}));
  router.post('/signout', (ctx) => {
    signOut(ctx, site);
    goTo(ctx, '/');
  });
}

export function showSignIn(
  ctx: Context,
  site: Site,
  {
    posted,
    errors,
    targets,
  }: {
    readonly posted?: URLSearchParams;
    readonly errors?: Errors;
    readonly targets?: Readonly<Record<string, string>>;
  },
): void {
  const values = {
    user: posted?.get('national_code') ?? '',
    mobile: posted?.get('mobile') ?? '',
    isRemembered: posted?.has('remember') ?? false,
  };
  const model = { asksMobile: site.asksMobile, values, errors: errors ?? {}, targets: targets ?? {} };
  show(ctx, site, 'signin', model, errors === undefined ? 200 : 422);
}

async function enter(ctx: Context, site: Site): Promise<void> {
  const posted = await postedForm(ctx);
  const typed = posted.get('national_code') ?? '';
  const nationalCode = parseTypedNationalCode(typed);
  if (!site.signInTries.allows(nationalCode ?? 'malformed')) {
    return showSignIn(ctx, site, {
      posted,
      errors: { signin: { key: 'site.signin.locked' } },
      targets: { signin: 'national_code' },
    });
  }
  const account = nationalCode === undefined ? undefined : site.accounts.byNationalCode(nationalCode);
  const isRight = await isPassword(posted.get('password') ?? '', account?.passwordHash);
  if (account === undefined || nationalCode === undefined || !isRight) {
    return showSignIn(ctx, site, {
      posted,
      errors: { signin: { key: 'site.signin.failed' } },
      targets: { signin: 'national_code' },
    });
  }
  site.signInTries.forget(nationalCode);
  signIn(ctx, site, { kind: 'member', accountId: account.id }, posted.has('remember'));
  goTo(ctx, '/account');
}
