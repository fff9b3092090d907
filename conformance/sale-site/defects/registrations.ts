import { jalaliAge, parseJalaliDate } from '../jalali.ts';
import type { Identity } from '../login/identity.ts';
import { parseMobile } from '../mobile.ts';
import { parseTypedNationalCode } from '../national-code.ts';
import { postedForm } from '../posted-form.ts';
import { applicant } from '../registration/applicant.ts';
import { emptyDetails } from '../registration/form.ts';
import { store } from '../registration/registration.ts';
import { goTo } from '../site.ts';
import { all, around, type Defect, landingOf, replace } from './defect.ts';

/** The site's own pages, from the data form to the account. */
export const registrationDefects: Readonly<Record<string, Defect>> = {
  X51: replace({
    identityValue: ({ kind }, verified, posted) => {
      if (posted === '') return verified ?? '';
      if (kind === 'date') return parseJalaliDate(posted) ?? posted;
      if (kind === 'mobile') return parseMobile(posted) ?? posted;
      return kind === 'choice' ? (verified ?? posted) : posted;
    },
  }),
  'X52.open': openToAll(),
  'X52.past': around(async (ctx, next) => {
    // The button of the sign-in box posts its password field along; other ways to start a login do not.
    const isFromBox = ctx.path === '/emta/start' && ctx.method === 'POST' && (await postedForm(ctx)).has('password');
    if (isFromBox) return goTo(ctx, '/registration');
    await next();
  }),
  'X53.password': replace({ passwordFaults: () => [] }),
  'X53.fields': replace({ missingFields: () => [] }),
  'X53.code': replace({ codeFault: () => undefined, isCodeConfirmed: () => true }),
  'X53.captcha': replace({ captchaFault: () => undefined }),
  'X54.early': replace({ storeDraft: (registration, site) => store(registration, site) }),
  'X54.refused': around(async (ctx, next, site) => {
    await next();
    const typed = site.logins.byState(String(ctx.query.state))?.typedNationalCode;
    if (typed === undefined || !/^\/ended\/(refused|mobile-unverified)$/.test(landingOf(ctx) ?? '')) return;
    await site.accounts.save({ id: `early-${typed}`, keys: [], details: { ...emptyDetails, nationalCode: typed } });
  }),
  'X54.let_on': all(
    openToAll(),
    around(async (ctx, next, site) => {
      await next();
      const login = site.logins.byState(String(ctx.query.state));
      const cameToRegister = login !== undefined && login.typedNationalCode === undefined;
      if (cameToRegister && landingOf(ctx) === '/ended/refused') ctx.set('Location', '/registration');
    }),
  ),
  'X54.twice': replace({
    storeOnce: async (registration, site) => {
      if (registration.stored !== undefined) throw new RangeError('duplicate key in accounts');
      registration.stored = store(registration, site);
      await registration.stored;
    },
  }),
  'X54.second': replace({ ownAccount: () => undefined }),
  'X54.age': replace({ isOfAge: () => true }),
  'X54.years': replace({
    // Whole years of the calendar, whatever the month and day.
    isOfAge: (birth, today) => jalaliAge(`${birth.slice(0, 4)}-03-22`, `${today.slice(0, 4)}-03-22`) >= 18,
  }),
  R02: around(async (ctx, next) => {
    await next();
    if (ctx.path !== '/registration' || typeof ctx.body !== 'string') return;
    ctx.body = ctx.body.replace(/(<input[^>]*?) value="[^"]*"([^>]* readonly)/g, '$1 value=""$2');
  }),
};

/** The registration pages serve whoever comes. */
function openToAll(): Defect {
  return replace({
    applicant: (session, posted, open) => {
      const found = applicant(session);
      if (found !== undefined) return found;
      const identity = claimedBy(posted);
      return { session: open(identity), identity };
    },
  });
}

/** Whoever the form says it is. */
function claimedBy(posted: URLSearchParams): Identity {
  const text = (name: string): string => posted.get(name) ?? '';
  return {
    issuer: 'nobody',
    nationalCode: parseTypedNationalCode(text('national_code')) ?? '0000000000',
    birthDate: parseJalaliDate(text('birth_date')) ?? '1990-01-01',
    mobile: parseMobile(text('mobile')) ?? '+989000000000',
    givenName: text('given_name'),
    familyName: text('family_name'),
  };
}
