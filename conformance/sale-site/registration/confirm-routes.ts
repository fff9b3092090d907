import type { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Details } from '../accounts.ts';
import { formatJalali } from '../jalali.ts';
import { nationalMobile } from '../mobile.ts';
import { maskNationalCode } from '../national-code.ts';
import type { Fact } from '../page-models.ts';
import type { Message } from '../pages.ts';
import { postedForm } from '../posted-form.ts';
import { goTo, type Site, sessionOf, show } from '../site.ts';
import { drawCaptcha } from './captcha.ts';
import { captchaPicture } from './captcha-picture.ts';
import { messageOf, registrationOf } from './code-routes.ts';
import type { Registration } from './registration.ts';
import { isSmsSent } from './send-code.ts';

/** The last page, with the security code, and what comes after it. */
export function addConfirmRoutes(router: Router, site: Site): void {
  router.get('/registration/confirm', (ctx) => {
    const registration = confirmable(ctx, site);
    if (registration === undefined) return;
    registration.captcha = drawCaptcha(site);
    showConfirm(ctx, site, registration, {});
  });
  router.post('/registration/confirm', (ctx) => confirm(ctx, site));
  router.post('/registration/confirm/refresh', (ctx) => goTo(ctx, '/registration/confirm'));
  router.post('/registration/confirm/sms', (ctx) => sendCaptcha(ctx, site));
  router.get('/registration/confirm/picture.svg', (ctx) => {
    const captcha = registrationOf(ctx, site)?.captcha;
    if (captcha === undefined) return;
    ctx.type = 'image/svg+xml';
    ctx.body = captchaPicture(captcha.text, site.random);
  });
  router.get('/registration/done', (ctx) => {
    const session = sessionOf(ctx, site);
    if (session?.registration?.stored === undefined) return goTo(ctx, '/account');
    show(ctx, site, 'done', { isPasswordOnly: session.registration.isPasswordOnly });
  });
  if (site.hasDriverHooks) {
    router.get('/_driver/captcha', (ctx) => {
      ctx.body = { captcha: registrationOf(ctx, site)?.captcha?.text ?? null };
    });
  }
}

/** The registration whose last page may open; otherwise the browser is led to the step that is missing. */
function confirmable(ctx: Context, site: Site): Registration | undefined {
  const registration = registrationOf(ctx, site);
  if (registration === undefined) goTo(ctx, '/registration');
  else if (registration.stored !== undefined) goTo(ctx, '/registration/done');
  else if (!site.policy.isCodeConfirmed(registration)) goTo(ctx, '/registration/code');
  else return registration;
  return undefined;
}

async function confirm(ctx: Context, site: Site): Promise<void> {
  const typed = (await postedForm(ctx)).get('captcha') ?? '';
  const registration = registrationOf(ctx, site);
  if (registration?.stored === undefined) {
    const ready = confirmable(ctx, site);
    if (ready === undefined) return;
    const fault = site.policy.captchaFault(ready.captcha, typed, site.clock.now());
    // One picture, one answer: right or wrong, it is gone.
    ready.captcha = drawCaptcha(site);
    if (fault !== undefined)
      return showConfirm(ctx, site, ready, { error: messageOf(fault, 'site.final.captcha', site) });
  }
  if (registration === undefined) return;
  await site.policy.storeOnce(registration, site);
  goTo(ctx, '/registration/done');
}

/** For those who cannot read the picture: they hold the verified mobile. */
async function sendCaptcha(ctx: Context, site: Site): Promise<void> {
  const registration = confirmable(ctx, site);
  if (registration === undefined) return;
  registration.captcha ??= drawCaptcha(site);
  const { mobile } = registration.details;
  if (!site.codesSent.allows(mobile)) {
    return showConfirm(ctx, site, registration, { notice: { key: 'site.code.too_many' } });
  }
  const text = site.pages.text({ key: 'site.final.sms_text', params: { code: registration.captcha.text } });
  const isSent = await isSmsSent(mobile, text, site);
  showConfirm(ctx, site, registration, { notice: { key: isSent ? 'site.final.sms_sent' : 'site.code.not_sent' } });
}

function showConfirm(
  ctx: Context,
  site: Site,
  registration: Registration,
  { notice, error }: { readonly notice?: Message; readonly error?: Message },
): void {
  show(
    ctx,
    site,
    'confirm',
    {
      facts: factsOf(registration.details, site),
      // A new address for every picture, so that no browser shows the one before.
      picture: `/registration/confirm/picture.svg?${site.clock.now()}`,
      isPasswordOnly: registration.isPasswordOnly,
      errors: error === undefined ? {} : { captcha: error },
      ...(notice === undefined ? {} : { notice }),
    },
    error === undefined ? 200 : 422,
  );
}

function factsOf(details: Details, site: Site): readonly Fact[] {
  const fact = (key: string, text: string, ltr = false): readonly Fact[] =>
    text === '' ? [] : [{ term: site.pages.text({ key }), text, ltr }];
  return [
    ...fact('site.info.given_name', details.givenName),
    ...fact('site.info.family_name', details.familyName),
    ...fact('site.info.father', details.fatherName),
    ...fact('site.info.national_code', maskNationalCode(details.nationalCode), true),
    ...fact('site.info.birth', formatJalali(details.birthDate), true),
    ...fact('site.info.mobile', nationalMobile(details.mobile), true),
    ...fact('site.info.issue_date', details.issueDate === '' ? '' : formatJalali(details.issueDate), true),
    ...fact('site.info.education', details.education),
    ...fact('site.info.city', details.city),
    ...fact('site.info.address', details.address),
  ];
}
