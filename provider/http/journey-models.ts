import { maskMobile, nationalForm } from '../registry/mobile.ts';
import type { Journey, Misses, StepName } from '../steps/journey.ts';
import type { JourneyRules } from '../steps/rules.ts';
import type { ConsentPage, ErrorPage, HelperStrip, JourneyPage, Message, MessageKey, Pages } from './pages.ts';

/** What a page needs besides the journey. */
export interface PageFacts {
  readonly path: string;
  /** Value of the hidden field `csrf`. */
  readonly csrf: string;
  readonly rules: JourneyRules;
  readonly asksIdentity: boolean;
  readonly resendIn: number;
  readonly clientName: string;
  readonly otherLanguage: string;
  /** The relying party's own address. */
  readonly siteAddress: string;
  readonly helper?: HelperStrip;
}

const SCOPES: Readonly<Record<string, ConsentPage['scopes'][number]>> = {
  'user:identity:general': { title: 'emta.scope.identity', text: 'emta.scope.identity_text' },
  'user:primaryMobileNumber': { title: 'emta.scope.mobile', text: 'emta.scope.mobile_text' },
  'user:primaryEmail': { title: 'emta.scope.email' },
  'user:status': { title: 'emta.scope.status' },
};

type StepPage = {
  readonly [Name in StepName]: { readonly name: `emta/${Name}`; readonly model: Pages[`emta/${Name}`] };
}[StepName];

/** The page of a step and all that it shows; a template never sees more. */
export function stepPage(step: StepName, journey: Journey, facts: PageFacts): StepPage {
  const { misses } = journey;
  const values = misses?.values ?? {};
  const common: JourneyPage = {
    csrf: facts.csrf,
    journey: facts.path,
    client: facts.clientName,
    otherLanguage: facts.otherLanguage,
    ...(facts.helper && { helper: facts.helper }),
  };
  switch (step) {
    case 'mobile': {
      const errors = errorOf(misses, 'mobile');
      const mobile = values.mobile ?? (journey.mobile ? nationalForm(journey.mobile) : '');
      return {
        name: 'emta/mobile',
        model: { ...common, errors: errors ? { mobile: errors } : {}, values: { mobile } },
      };
    }
    case 'captcha': {
      const error = errorOf(misses, 'captcha');
      const src = `${facts.path}/captcha.svg?at=${journey.captcha?.at ?? 0}`;
      return {
        name: 'emta/captcha',
        model: {
          ...common,
          errors: error ? { captcha: error } : {},
          mobile: journey.mobile ? nationalForm(journey.mobile) : '',
          image: { src, width: 220, height: 72 },
          audio: `${facts.path}/captcha.wav`,
          ...(values.captcha !== undefined && { value: values.captcha }),
        },
      };
    }
    case 'verification':
      return { name: 'emta/verification', model: verificationPage(common, journey, facts) };
    case 'consent':
      return {
        name: 'emta/consent',
        model: {
          ...common,
          scopes: journey.asksFor.flatMap((scope) => SCOPES[scope] ?? []),
          origin: new URL(journey.redirectUri).origin,
        },
      };
  }
}

function verificationPage(common: JourneyPage, journey: Journey, facts: PageFacts): Pages['emta/verification'] {
  const { misses } = journey;
  const isWaiting = journey.notice === 'emta.verify.resend_wait';
  // Once the wait is over there is nothing to tell of it.
  const notice = isWaiting && facts.resendIn === 0 ? undefined : journey.notice;
  const values = misses?.values ?? {};
  // The summary tells of them in the order of the page.
  const errors = {
    national_code: errorOf(misses, 'national_code'),
    birth: errorOf(misses, 'birth_year') ?? errorOf(misses, 'birth_month') ?? errorOf(misses, 'birth_day'),
    code: errorOf(misses, 'code'),
  };
  const triesLeft = misses?.errors.find(({ key }) => key === 'emta.verify.tries_left')?.params?.n;
  return {
    ...common,
    errors: Object.fromEntries(Object.entries(errors).filter(([, error]) => error !== undefined)),
    ...(notice && {
      notice: { key: notice as MessageKey, ...(isWaiting && { params: { seconds: facts.resendIn } }) },
    }),
    digits: facts.rules.codeLength,
    mobile: journey.mobile ? maskMobile(journey.mobile) : '',
    asksIdentity: facts.asksIdentity,
    values: {
      code: values.code ?? '',
      nationalCode: values.national_code ?? '',
      birthYear: values.birth_year ?? '',
      birthMonth: values.birth_month ?? '',
      birthDay: values.birth_day ?? '',
    },
    resendIn: facts.resendIn,
    ...(typeof triesLeft === 'number' && { triesLeft }),
  };
}

/** The page of a dead end, with what may be tried again and the exit. */
export function deadEndPage(journey: Journey, facts: PageFacts): ErrorPage {
  const { deadEnd } = journey;
  if (!deadEnd) throw new TypeError('expected a journey at a dead end');
  const staysAtEmta = facts.rules.carrier === 'page';
  return {
    reason: deadEnd.reason,
    title: { key: 'emta.error.title' },
    message: { key: deadEnd.message as MessageKey, ...(deadEnd.params && { params: deadEnd.params }) },
    actions: [
      ...(deadEnd.retry === 'verification' ? [{ kind: 'retry' as const, href: `${facts.path}/verification` }] : []),
      ...(deadEnd.retry === 'mobile' ? [{ kind: 'edit_mobile' as const, href: `${facts.path}/mobile` }] : []),
    ],
    exit: staysAtEmta
      ? { kind: 'link', client: facts.clientName, href: facts.siteAddress }
      : { kind: 'post', client: facts.clientName, action: `${facts.path}/leave`, csrf: facts.csrf },
    otherLanguage: facts.otherLanguage,
    ...(facts.helper && { helper: facts.helper }),
  };
}

function errorOf(misses: Misses | undefined, field: string): Message | undefined {
  const found = misses?.errors.find((error) => error.field === field && error.key !== 'emta.verify.tries_left');
  return found && { key: found.key as MessageKey, ...(found.params && { params: found.params }) };
}
