import { fold, foldTight } from '../observe/fold.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Field, Form, Page } from './page.ts';
import { nationalForm, type Person } from './person.ts';
import { type PlannedRequest, submission } from './user-agent.ts';

/** Which page of a registration stands on the screen. */
export type RegistrationPage = 'personal-data' | 'validation-code' | 'confirm' | 'other';

/** What the customer supplies himself; the circular names them in step 5. */
export type OwnField = 'issue_date' | 'address' | 'education';

export const ownFields: Readonly<
  Record<OwnField, { readonly label: string; readonly names: RegExp; readonly value: string }>
> = {
  issue_date: { label: 'تاریخ صدور شناسنامه', names: /تاریخصدور|صدورشناسنامه|issue/, value: '1400/02/03' },
  address: { label: 'آدرس', names: /آدرس|نشانی|address/, value: 'تهران، خیابان آزادی، پلاک 12' },
  education: { label: 'تحصیلات', names: /تحصیلات|مدرک|education|degree/, value: 'کارشناسی' },
};

const codeNames = /کداعتبارسنجی|کدتایید|کدپیامک|one-time-code|validation.?code|otp/;
const captchaNames = /کدامنیتی|عبارتتصویر|captcha|security.?code/;

const isTyped = (field: Field) =>
  !['hidden', 'submit', 'button', 'image', 'reset', 'checkbox', 'radio', 'file'].includes(field.type);

const answersTo = (field: Field, names: RegExp) =>
  names.test(foldTight(field.label)) || names.test(field.name.toLowerCase());

/** The form of the personal-data page: it asks for a password and for more than signing in does. */
export const personalDataForm = (page: Page | undefined): Form | undefined =>
  page?.forms.find(
    (form) => form.fields.some(({ type }) => type === 'password') && form.fields.filter(isTyped).length > 3,
  );

const formAsking = (
  page: Page | undefined,
  names: RegExp,
): { readonly form: Form; readonly field: Field } | undefined => {
  for (const form of page?.forms ?? []) {
    const field = form.fields.find((one) => isTyped(one) && answersTo(one, names));
    if (field !== undefined) return { form, field };
  }
  return undefined;
};

export function pageOf(page: Page | undefined): RegistrationPage {
  if (personalDataForm(page) !== undefined) return 'personal-data';
  if (formAsking(page, captchaNames) !== undefined) return 'confirm';
  return formAsking(page, codeNames) !== undefined ? 'validation-code' : 'other';
}

const buttonOf = (
  form: Form,
  avoid = /بازگشت|انصراف|لغو|دوباره|تصویر|پیامک|back|cancel|resend|refresh/,
): Field | undefined => {
  const buttons = form.fields.filter(({ type }) => type === 'submit');
  return buttons.find(({ label }) => !avoid.test(foldTight(label))) ?? buttons[0];
};

/** A password that keeps every rule of the circular. */
export const goodPassword = 'Emta4299x';

export interface PersonalData {
  readonly password?: string;
  /** Left empty. */
  readonly without?: OwnField;
  /** Whose name, code, birth date and number are posted in the identity fields. */
  readonly identity?: Person;
}

/** The value of a citizen for a claim of `prefilled`, as it may stand on a page. */
export function claimOf(person: Person, claim: string): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    given_name: person.givenName,
    family_name: person.familyName,
    name: `${person.givenName} ${person.familyName}`,
    father_name: person.fatherName,
    national_code: person.nationalCode,
    birthdate: person.birthDate,
    birthdate_jalali: person.birthJalali,
    shenasnameh_number: person.shenasnamehNumber,
    shenasnameh_serial: person.shenasnamehSerial,
    place_of_issue: person.placeOfIssue,
    gender: person.gender,
    phone_number: nationalForm(person.mobile),
    email: person.email,
  };
  return values[claim];
}

const identityNames: readonly (readonly [RegExp, string])[] = [
  [/کدملی|national/, 'national_code'],
  [/نامخانوادگی|family|last.?name|surname/, 'family_name'],
  [/نامپدر|father/, 'father_name'],
  [/تاریختولد|birth/, 'birthdate_jalali'],
  [/شمارهشناسنامه|shenasnameh|certificate/, 'shenasnameh_number'],
  [/همراه|موبایل|mobile|phone/, 'phone_number'],
  [/^نام:?$|given|first.?name/, 'given_name'],
];

/** Names of the fields that hold what Emta vouches for: those of `prefilled`, else those the circular's labels name. */
function identityFields(page: Page, form: Form, rp: RelyingParty): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [claim, { selector }] of Object.entries(rp.prefilled ?? {})) {
    const name = page.select(selector, 'name');
    if (name !== undefined && name !== '') fields.set(name, claim);
  }
  for (const field of form.fields.filter(isTyped)) {
    const known = identityNames.find(([names]) => answersTo(field, names));
    if (known !== undefined && !fields.has(field.name) && field.type !== 'password') fields.set(field.name, known[1]);
  }
  return fields;
}

const choose = (field: Field, wanted: string): string => {
  if (field.options.length === 0) return wanted;
  return (
    field.options.find((option) => fold(option) === fold(wanted)) ??
    field.options.find((option) => option !== '') ??
    wanted
  );
};

/** Fields that a citizen must find something for when Emta gave nothing. */
const fallbacks: readonly (readonly [RegExp, string])[] = [
  [/شهر|city/, 'تهران'],
  [/کدپستی|postal/, '1234567890'],
  [/ایمیل|پستالکترونیک|email/, 'somebody@example.ir'],
  [/نامپدر|father/, 'حسن'],
  [/شمارهشناسنامه/, '123'],
  [/محلصدور|place/, 'تهران'],
];

/** Fills in the personal-data page as a citizen would; undefined, with the label that is missing, where it cannot be done. */
export function personalData(
  page: Page,
  rp: RelyingParty,
  data: PersonalData = {},
):
  | { readonly request: PlannedRequest; readonly values: Readonly<Record<string, string>> }
  | { readonly missing: string } {
  const form = personalDataForm(page);
  if (form === undefined) return { missing: 'input[type=password]' };
  const values: Record<string, string> = {};
  for (const field of form.fields) if (field.type === 'password') values[field.name] = data.password ?? goodPassword;
  for (const own of ['issue_date', 'address', 'education'] as const) {
    const { names, label, value } = ownFields[own];
    const field = form.fields.find((one) => isTyped(one) && !one.readOnly && answersTo(one, names));
    if (field === undefined) return { missing: label };
    values[field.name] = data.without === own ? '' : choose(field, value);
  }
  for (const field of form.fields.filter(isTyped)) {
    if (field.name in values || field.readOnly || field.value !== '') continue;
    const fallback = fallbacks.find(([names]) => answersTo(field, names));
    if (fallback !== undefined || field.required) values[field.name] = choose(field, fallback?.[1] ?? 'تهران');
  }
  if (data.identity !== undefined) {
    for (const [name, claim] of identityFields(page, form, rp)) {
      const value = claimOf(data.identity, claim);
      if (value !== undefined) values[name] = value;
    }
  }
  return { request: submission(form, values, buttonOf(form)), values };
}

/** The same by the names that a driver of the owner's own knows: claims, and what the customer supplies. */
export function personalDataByName(data: PersonalData = {}): Readonly<Record<string, string>> {
  const { identity, without, password = goodPassword } = data;
  const claims =
    identity === undefined ? [] : identityNames.map(([, claim]) => [claim, claimOf(identity, claim)] as const);
  return {
    password,
    ...Object.fromEntries(Object.entries(ownFields).map(([own, { value }]) => [own, own === without ? '' : value])),
    ...Object.fromEntries(claims.filter(([, value]) => value !== undefined)),
  };
}

/** Fills in the page that asks for the validation code, or the one that asks for the security code. */
export function typeCode(
  page: Page,
  which: 'validation-code' | 'confirm',
  code: string,
): { readonly request: PlannedRequest } | { readonly missing: string } {
  const found = formAsking(page, which === 'confirm' ? captchaNames : codeNames);
  if (found === undefined) return { missing: which === 'confirm' ? 'کد امنیتی' : 'کد اعتبارسنجی' };
  return { request: submission(found.form, { [found.field.name]: code }, buttonOf(found.form)) };
}

/** The way of those who cannot see the picture: a button that has the security code sent by SMS. */
export function captchaBySms(page: Page): PlannedRequest | undefined {
  for (const form of page.forms) {
    const button = form.fields.find(({ type, label }) => type === 'submit' && /پیامک|sms/i.test(foldTight(label)));
    if (button !== undefined) return submission({ ...form, action: button.action ?? form.action }, {}, button);
  }
  return undefined;
}

/** The box of the site's own sign-in: user code and password. */
export function signInForm(page: Page | undefined, person: Person, password: string): PlannedRequest | undefined {
  const form = page?.forms.find(
    ({ fields }) => fields.some(({ type }) => type === 'password') && fields.filter(isTyped).length <= 3,
  );
  const user = form?.fields.find((field) => isTyped(field) && field.type !== 'password');
  const secret = form?.fields.find(({ type }) => type === 'password');
  if (form === undefined || user === undefined || secret === undefined) return undefined;
  return submission(
    form,
    { [user.name]: person.nationalCode, [secret.name]: password },
    buttonOf(form, /ثبتنام|فراموشی|register|forgot/),
  );
}

/** The code in a message of the site: the longest word with a digit in it, or else the last word of Latin letters. */
export function codeIn(text: string): string | undefined {
  const words = fold(text).match(/(?<![\w/.@])[0-9a-z]{4,8}(?![\w/.@])/g) ?? [];
  return words.filter((word) => /\d/.test(word)).toSorted((a, b) => b.length - a.length)[0] ?? words.at(-1);
}
