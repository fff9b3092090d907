import type { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Details } from '../accounts.ts';
import type { Errors } from '../page-models.ts';
import { hashPassword } from '../password.ts';
import { postedForm } from '../posted-form.ts';
import { accountOf, goTo, nameOf, type Site, sessionOf, show, signIn } from '../site.ts';
import type { Applicant } from './applicant.ts';
import { addCodeRoutes } from './code-routes.ts';
import { addConfirmRoutes } from './confirm-routes.ts';
import { fieldModels } from './field-models.ts';
import { fields } from './fields.ts';
import { emptyDetails, type Fault, readForm, readPassword } from './form.ts';
import { isCodeSent } from './send-code.ts';
import { drawCode } from './validation-code.ts';

/** Steps 5 and 6 of the circular: personal data or a new password, validation code, final confirm. */
export function addRegistrationRoutes(router: Router, site: Site): void {
  router.get('/registration', (ctx) => {
    const applicant = applicantOf(ctx, site, new URLSearchParams());
    if (applicant === undefined) return showLocked(ctx, site);
    if (accountOf(applicant.identity, site) !== undefined) return goTo(ctx, '/password');
    showForm(ctx, site, applicant, applicant.session.registration?.details, []);
  });
  router.post('/registration', (ctx) => takeForm(ctx, site));
  router.get('/password', (ctx) => {
    const applicant = applicantOf(ctx, site, new URLSearchParams());
    if (applicant === undefined) return showLocked(ctx, site);
    if (accountOf(applicant.identity, site) === undefined) return goTo(ctx, '/registration');
    showPassword(ctx, site, applicant, []);
  });
  router.post('/password', (ctx) => takePassword(ctx, site));
  addCodeRoutes(router, site);
  addConfirmRoutes(router, site);
}

async function takeForm(ctx: Context, site: Site): Promise<void> {
  const posted = await postedForm(ctx);
  const applicant = applicantOf(ctx, site, posted);
  if (applicant === undefined) return showLocked(ctx, site);
  if (accountOf(applicant.identity, site) !== undefined) return goTo(ctx, '/password');

  const { details, faults } = readForm(posted, applicant.identity, site.policy, site.clock.now());
  const all = [...faults, ...readPassword(posted, site.policy)];
  if (all.length > 0) return showForm(ctx, site, applicant, details, all);
  await begin(ctx, site, applicant, details, posted, (fault) => showForm(ctx, site, applicant, details, [fault]));
}

async function takePassword(ctx: Context, site: Site): Promise<void> {
  const posted = await postedForm(ctx);
  const applicant = applicantOf(ctx, site, posted);
  if (applicant === undefined) return showLocked(ctx, site);
  const account = accountOf(applicant.identity, site);
  if (account === undefined) return goTo(ctx, '/registration');

  const faults = readPassword(posted, site.policy);
  if (faults.length > 0) return showPassword(ctx, site, applicant, faults);
  const details = { ...account.details, mobile: applicant.identity.mobile ?? account.details.mobile };
  await begin(ctx, site, applicant, details, posted, (fault) => showPassword(ctx, site, applicant, [fault]));
}

/** Keeps what was entered in the session, sends the validation code, and goes on to the page that asks for it. */
async function begin(
  ctx: Context,
  site: Site,
  { session, identity }: Applicant,
  details: Details,
  posted: URLSearchParams,
  refuse: (fault: Fault) => void,
): Promise<void> {
  if (!site.codesSent.allows(details.mobile)) {
    return refuse({ field: 'form', key: 'site.code.too_many', label: 'site.code.label' });
  }
  const passwordHash = await hashPassword(posted.get('password') ?? '', site.random);
  const isPasswordOnly = accountOf(identity, site) !== undefined;
  const code = drawCode(site);
  const registration = { identity, details, passwordHash, isPasswordOnly, code, isCodeConfirmed: false };
  session.registration = registration;
  await site.policy.storeDraft(registration, site);
  const isSent = await isCodeSent(registration, site);
  goTo(ctx, isSent ? '/registration/code' : '/registration/code?sent=no');
}

function showForm(
  ctx: Context,
  site: Site,
  { identity }: Applicant,
  entered: Details | undefined,
  faults: readonly Fault[],
): void {
  const models = fieldModels(fields, identity, entered ?? emptyDetails, site);
  const errors = errorsOf(faults, site);
  show(
    ctx,
    site,
    'registration',
    {
      verified: models.filter(({ isReadonly }) => isReadonly),
      own: models.filter(({ isReadonly }) => !isReadonly),
      isRetyped: faults.length > 0,
      errors,
      targets: targetsOf(errors),
    },
    faults.length === 0 ? 200 : 422,
  );
}

function showPassword(ctx: Context, site: Site, { identity }: Applicant, faults: readonly Fault[]): void {
  const errors = errorsOf(faults, site);
  const name = nameOf(identity.givenName, identity.familyName);
  const model = { name, user: identity.nationalCode, errors, targets: targetsOf(errors) };
  show(ctx, site, 'password', model, faults.length === 0 ? 200 : 422);
}

/** One error a field beside it; further ones of the same field stand in the summary alone. */
function errorsOf(faults: readonly Fault[], site: Site): Errors {
  const errors: Record<string, { key: string; params?: Record<string, string> }> = {};
  for (const { field, key, label } of faults) {
    const name = field in errors ? `${field}-${Object.keys(errors).length}` : field;
    const takesField = site.pages.takes(key, 'field');
    const text = site.pages.text({ key: label }).replace(/:$/, '');
    errors[name] = takesField ? { key, params: { field: text } } : { key };
  }
  return errors;
}

function targetsOf(errors: Errors): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(errors).map((name) => [name, name.replace(/-[0-9]+$/, '')]));
}

function applicantOf(ctx: Context, site: Site, posted: URLSearchParams): Applicant | undefined {
  return site.policy.applicant(sessionOf(ctx, site), posted, (identity) =>
    signIn(ctx, site, { kind: 'verified', identity }),
  );
}

function showLocked(ctx: Context, site: Site): void {
  const model = { reason: 'locked', title: 'site.locked.title', message: 'site.locked', retry: 'site.locked.start' };
  show(ctx, site, 'ended', model, 403);
}
