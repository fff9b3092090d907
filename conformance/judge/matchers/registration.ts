import {
  claimOf,
  type OwnField,
  ownFields,
  pageOf,
  personalDataForm,
  type RegistrationPage,
} from '../../driver/registration.ts';
import { fold, foldTight } from '../../observe/fold.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { whereabouts } from '../../observe/whereabouts.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { isAuthorizeHop } from './refusal.ts';
import { noSuchStep } from './steps.ts';

const names: Readonly<Record<RegistrationPage, Told>> = {
  'personal-data': told`the personal-details page`,
  'validation-code': told`the page that asks for «کد اعتبارسنجی»`,
  confirm: told`the last page of the registration, which asks for «کد امنیتی»`,
  other: told`another page`,
};

const finding = (seen: Seen, label: string, expected: Told, observed: Told, isMet: boolean): Finding => {
  const trace = seen.traces[label];
  return {
    kind: 'U',
    expected,
    observed,
    where: trace === undefined ? verbatim(label) : endOf(trace),
    positive: true,
    points: isMet ? 'for' : 'against',
  };
};

/** A step ends on this page of a registration. */
export const isAt = (page: Exclude<RegistrationPage, 'other'>, label: string): Matcher =>
  matcher(`it comes to ${names[page].en}`, (seen) => {
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', names[page], label);
    const at =
      trace.page !== undefined && seen.setting.origins.includes(new URL(trace.page.url).origin)
        ? pageOf(trace.page)
        : 'other';
    return finding(
      seen,
      label,
      names[page],
      at === 'other' ? told`«${trace.page?.title ?? ''}»` : names[at],
      at === page,
    );
  });

/** A step ends elsewhere. */
export const isNotAt = (page: Exclude<RegistrationPage, 'other'>, label: string): Matcher =>
  matcher(`it does not come to ${names[page].en}`, (seen) => {
    const expected = told`any page but ${names[page]}`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    const at =
      trace.page !== undefined && seen.setting.origins.includes(new URL(trace.page.url).origin)
        ? pageOf(trace.page)
        : 'other';
    return finding(seen, label, expected, at === 'other' ? told`«${trace.page?.title ?? ''}»` : names[at], at !== page);
  });

/** Pressing «ثبت نام یا تنظیم رمز» leads to Emta, and nothing but the user code is asked for before. */
export const arrivesFromRegistration = (label: string, redirects: number): Matcher =>
  matcher('the citizen is sent to Emta', (seen) => {
    const expected = told`an authorization request within ${redirects} redirect(s) of pressing «ثبت نام یا تنظیم رمز», nothing but the user code asked for before`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    const index = trace.hops.findIndex((hop) => isAuthorizeHop(hop, seen.setting));
    if (index < 0) return finding(seen, label, expected, told`no authorization request`, false);
    const before = trace.hops.slice(0, index);
    const pressed = before.findLastIndex(({ cause }) => cause === 'link' || cause === 'form' || cause === 'typed');
    const count = before.length - Math.max(pressed, 0);
    const asked = before.flatMap(({ requestBody }) =>
      [...new URLSearchParams(requestBody)].filter(([, value]) => value !== ''),
    );
    const person = Object.values(seen.people)[0];
    const odd = asked.find(
      ([, value]) =>
        person !== undefined &&
        [person.birthDate, person.birthJalali, person.givenName, person.familyName].includes(value),
    );
    return finding(
      seen,
      label,
      expected,
      odd === undefined ? told`${count} redirect(s)` : told`"${odd[0]}" was asked for`,
      odd === undefined && count <= redirects,
    );
  });

const sameText = (a: string, b: string) => {
  const digits = (text: string) => fold(text).replace(/[\s/\-.]/g, '');
  return (
    foldTight(a) === foldTight(b) ||
    digits(a) === digits(b) ||
    digits(a).replace(/^(?:\+|00)?98|^0/, '') === digits(b).replace(/^(?:\+|00)?98|^0/, '')
  );
};

const genders: Readonly<Record<string, readonly string[]>> = {
  male: ['male', 'مرد', 'مذکر', '1', 'm'],
  female: ['female', 'زن', 'مونث', '2', 'f'],
};

/** Each selector of `prefilled` holds the citizen's value. */
export const prefilledFits = (label: string, role: string): Matcher =>
  matcher('identity fields are filled in', (seen) => {
    const page = seen.traces[label]?.page;
    const person = seen.people[role];
    const { prefilled } = seen.setting.rp;
    if (page === undefined || person === undefined || prefilled === undefined)
      return noSuchStep(seen, 'U', told`every field of "prefilled" filled in`, label);
    return Object.entries(prefilled).flatMap(([claim, { selector, attribute }]): readonly Finding[] => {
      const wanted = claimOf(person, claim);
      if (wanted === undefined) return [];
      const shown = page.select(selector, attribute);
      const accepted =
        claim === 'birthdate'
          ? [wanted, person.birthJalali]
          : claim === 'birthdate_jalali'
            ? [wanted, person.birthDate]
            : (genders[wanted] ?? [wanted]);
      const isMet = shown !== undefined && accepted.some((value) => sameText(shown, value));
      return [
        {
          ...finding(
            seen,
            label,
            told`${selector} with the ${claim} of ${role}`,
            shown === undefined ? told`no such element` : isMet ? told`the citizen's own value` : told`"${shown}"`,
            isMet,
          ),
          kind: 'N',
        },
      ];
    });
  });

const wordsOf = (text: string) => new Set(fold(text).split(' '));

/** The page says more than it did before: a message of what is wrong. */
export const ruleIsNamed = (label: string, before: string): Matcher =>
  matcher('the rule is named', (seen) => {
    const expected = told`a message beside the form`;
    const [page, first] = [seen.traces[label]?.page, seen.traces[before]?.page];
    if (page === undefined || first === undefined) return noSuchStep(seen, 'U', expected, label);
    const known = wordsOf(first.text);
    const fresh = [...wordsOf(page.text)].filter((word) => !known.has(word));
    const isMet = page.text.length > first.text.length && (fresh.length > 0 || page.text !== first.text);
    return finding(
      seen,
      label,
      expected,
      fresh.length > 0
        ? told`«${fresh.slice(0, 12).join(' ')}»`
        : isMet
          ? told`a message of words that stood there before`
          : told`the very same text`,
      isMet,
    );
  });

/** The message names the field that is missing, and what was entered is still there. */
export const fieldIsNamed = (field: OwnField): Matcher =>
  matcher('the missing field is named', (seen) => {
    const { label: name } = ownFields[field];
    const expected = told`«${name}» named, and the other entries kept`;
    const [page, first] = [seen.traces[field]?.page, seen.traces.entered?.page];
    if (page === undefined || first === undefined) return noSuchStep(seen, 'U', expected, field);
    const count = (text: string) => foldTight(text).split(foldTight(name)).length;
    const form = personalDataForm(page);
    const entered = Object.entries(seen.posted[field] ?? {}).filter(([, value]) => value !== '');
    const gone = entered.find(([key, value]) => {
      const control = form?.fields.find((one) => one.name === key && one.type !== 'password');
      return control !== undefined && !sameText(control.value, value);
    });
    const isNamed = count(page.text) > count(first.text) || (page.text !== first.text && count(page.text) > 1);
    return finding(
      seen,
      field,
      expected,
      !isNamed
        ? told`it is not named`
        : gone === undefined
          ? told`named, the others kept`
          : told`"${gone[0]}" was lost`,
      isNamed && gone === undefined,
    );
  });

/** Signing in with the chosen password fails. */
export const signInFails = (label: string): Matcher =>
  matcher('the password opens nothing', (seen) => {
    const expected = told`a refused sign-in with the chosen password`;
    const reading = seen.looks[label];
    if (reading === undefined) return noSuchStep(seen, 'U', expected, label);
    const read = whereabouts(seen, reading);
    return {
      kind: read.kind,
      expected,
      observed: read.observed,
      where: read.evidence,
      positive: true,
      points: read.state === 'out' ? 'for' : read.state === 'in' ? 'against' : 'unclear',
    };
  });

/** Of two submits at once at least one ends well, and neither asks again. */
export const onePageOfSuccess = (label: string): Matcher =>
  matcher('one success', (seen) => {
    const expected = told`a page of success for a doubled submit`;
    const pages = [seen.traces[label]?.page, seen.traces[`${label}.twin`]?.page].flatMap((page) => page ?? []);
    const good = pages.filter((page) => page.status < 400 && pageOf(page) === 'other');
    if (pages.length === 0) return noSuchStep(seen, 'U', expected, label);
    return finding(seen, label, expected, told`pages that say so: ${good.length} of ${pages.length}`, good.length > 0);
  });
