import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { maskMobile } from '../mobile.ts';
import type { Message } from '../pages.ts';
import { postedForm } from '../posted-form.ts';
import { goTo, type Site, sessionOf, show } from '../site.ts';
import type { Registration } from './registration.ts';
import { isCodeSent } from './send-code.ts';
import { codeLength, drawCode } from './validation-code.ts';

/** The page that asks for the validation code. */
export function addCodeRoutes(router: Router, site: Site): void {
  router.get('/registration/code', (ctx) => {
    const registration = registrationOf(ctx, site);
    if (registration === undefined) return goTo(ctx, '/registration');
    const wasSent = ctx.query.sent !== 'no';
    showCode(ctx, site, registration, wasSent ? {} : { notice: { key: 'site.code.not_sent' } });
  });
  router.post('/registration/code', async (ctx) => {
    const typed = (await postedForm(ctx)).get('code') ?? '';
    const registration = registrationOf(ctx, site);
    if (registration === undefined) return goTo(ctx, '/registration');
    if (!registration.isCodeConfirmed) {
      const fault = site.policy.codeFault(registration.code, typed, site.clock.now());
      if (fault !== undefined)
        return showCode(ctx, site, registration, { error: messageOf(fault, 'site.code.label', site) });
      registration.isCodeConfirmed = true;
    }
    goTo(ctx, '/registration/confirm');
  });
  router.post('/registration/code/resend', async (ctx) => {
    const registration = registrationOf(ctx, site);
    if (registration === undefined) return goTo(ctx, '/registration');
    showCode(ctx, site, registration, { notice: await resend(registration, site) });
  });
}

export function registrationOf(ctx: Context, site: Site): Registration | undefined {
  return sessionOf(ctx, site)?.registration;
}

/** The message for a fault of a page's only field. */
export function messageOf(fault: string, label: string, site: Site): Message {
  if (fault !== 'required') return { key: fault };
  return { key: 'emta.required', params: { field: site.pages.text({ key: label }) } };
}

async function resend(registration: Registration, site: Site): Promise<Message> {
  const wait = Math.ceil((registration.code.resendFrom - site.clock.now()) / 1000);
  if (wait > 0) return { key: 'site.code.resend_wait', params: { seconds: wait } };
  if (!site.codesSent.allows(registration.details.mobile)) return { key: 'site.code.too_many' };
  registration.code = drawCode(site);
  return { key: (await isCodeSent(registration, site)) ? 'site.code.resent' : 'site.code.not_sent' };
}

function showCode(
  ctx: Context,
  site: Site,
  registration: Registration,
  { notice, error }: { readonly notice?: Message; readonly error?: Message },
): void {
  show(
    ctx,
    site,
    'code',
    {
      mobile: maskMobile(registration.details.mobile),
      digits: codeLength,
      isPasswordOnly: registration.isPasswordOnly,
      errors: error === undefined ? {} : { code: error },
      ...(notice === undefined ? {} : { notice }),
    },
    error === undefined ? 200 : 422,
  );
}
