import { foldDigits, normaliseText } from '../kernel/text.ts';
import { parseBirthDate } from '../registry/birth-date.ts';
import type { BirthDate, NationalCode } from '../registry/citizen.ts';
import { todayInTehran } from '../registry/jalali.ts';
import { parseNationalCode } from '../registry/national-code.ts';
import { offices } from '../registry/offices.ts';
import { advance, again, type DeadEnd, type Input, type Journey, type Misses, type Outcome, stop } from './journey.ts';
import { isOneTooMany } from './limits.ts';
import type { Ports } from './ports.ts';
import { sendCode } from './send-code.ts';

const knownPrefixes = new Set(offices.map(({ prefix }) => prefix));

type FieldError = Misses['errors'][number];

interface Identity {
  readonly nationalCode: NationalCode;
  readonly birthDate: BirthDate;
}

const REGISTER_DOWN: DeadEnd = {
  reason: 'register_unreachable',
  message: 'emta.error.registry_down',
  retry: 'verification',
};

const TOO_MANY: DeadEnd = { reason: 'too_many_attempts', message: 'emta.error.too_many_tries' };

/**
 * Circular step 3, as three questions in this order: is the code right, does this national code have this birth date,
 * does this mobile belong to this national code. No register is asked before the code is right.
 */
export async function verification(input: Input, journey: Journey, ports: Ports): Promise<Outcome> {
  const values = typedValues(input);
  const owner = await enrolledOwner(journey, ports);
  const code = foldDigits(normaliseText(values.code ?? '')).replaceAll(/\s/g, '');
  const identity = owner ? undefined : readIdentity(values, ports);

  const shape: FieldError[] = [
    ...(code.length === ports.rules.codeLength && /^[0-9]+$/.test(code)
      ? []
      : [{ field: 'code', key: 'emta.verify.code_incomplete' }]),
    ...(identity?.errors ?? []),
  ];
  if (shape.length > 0) return again(journey, values, ...shape);

  const checked = await checkCode(code, journey, values, ports);
  if (checked.kind !== 'right') return checked.outcome;
  if (owner) return advance({ ...checked.journey, nationalCode: owner, mobileProven: true }, 'consent');
  if (!identity?.value) throw new TypeError('expected an identity without field errors');
  return checkIdentity(identity.value, checked.journey, values, ports);
}

/** Sends another code once the wait is over. What stands in the form stays there. */
export async function resend(input: Input, journey: Journey, ports: Ports): Promise<Outcome> {
  const { misses, ...kept } = journey;
  const values = { ...misses?.values, ...typedValues(input) };
  if (secondsToWait(journey, ports) > 0) {
    return { kind: 'render', journey: { ...kept, notice: 'emta.verify.resend_wait', misses: { values, errors: [] } } };
  }
  const sent = await sendCode(kept, ports);
  switch (sent.kind) {
    case 'sent':
      return {
        kind: 'render',
        journey: {
          ...sent.journey,
          notice: 'emta.verify.resent',
          misses: { values: { ...values, code: '' }, errors: [] },
        },
      };
    case 'undeliverable':
      return stop(kept, { reason: 'mobile_inactive', message: 'emta.mobile.inactive', retry: 'mobile' }, values);
    case 'too_often':
      return again(kept, values, { field: 'code', key: 'emta.mobile.too_often', params: { minutes: sent.minutes } });
  }
}

/** Seconds until another code may be asked for. */
export function secondsToWait({ code }: Journey, { clock, rules }: Pick<Ports, 'clock' | 'rules'>): number {
  return code ? Math.max(0, Math.ceil((code.at + rules.resendWait * 1000 - clock.now()) / 1000)) : 0;
}

/** Whose Emta account this number belongs to, where the SMS code alone is enough. */
export async function enrolledOwner(
  journey: Journey,
  { registry, rules }: Pick<Ports, 'registry' | 'rules'>,
): Promise<NationalCode | undefined> {
  if (!rules.enrolledShortcut || !journey.mobile) return undefined;
  const line = await registry.line(journey.mobile);
  const citizen = line && (await registry.citizen(line.owner));
  return citizen?.enrolled ? citizen.nationalCode : undefined;
}

type Checked =
  | { readonly kind: 'right'; readonly journey: Journey }
  | { readonly kind: 'wrong'; readonly outcome: Outcome };

async function checkCode(typed: string, journey: Journey, values: Input, ports: Ports): Promise<Checked> {
  const { code, mobile } = journey;
  const withoutCode = { ...values, code: '' };
  const wrong = (outcome: Outcome): Checked => ({ kind: 'wrong', outcome });
  const miss = (next: Journey, ...errors: FieldError[]): Checked => wrong(again(next, withoutCode, ...errors));

  if (!code || !mobile || (!code.passed && ports.clock.now() - code.at >= ports.rules.codeTtl * 1000)) {
    return miss(journey, { field: 'code', key: 'emta.verify.code_expired' });
  }
  if (code.misses >= ports.rules.codeTries) return miss(journey, { field: 'code', key: 'emta.verify.code_used_up' });
  if (typed === code.text) return { kind: 'right', journey: { ...journey, code: { ...code, passed: true } } };

  const next: Journey = { ...journey, code: { ...code, misses: code.misses + 1 } };
  const left = ports.rules.codeTries - code.misses - 1;
  if (left > 0) {
    return miss(
      next,
      { field: 'code', key: 'emta.verify.code_wrong' },
      { field: 'code', key: 'emta.verify.tries_left', params: { n: left } },
    );
  }
  if (await isOneTooMany('used-up', mobile, ports)) return wrong(stop(next, tooMany(ports)));
  return miss(next, { field: 'code', key: 'emta.verify.code_used_up' });
}

async function checkIdentity(identity: Identity, journey: Journey, values: Input, ports: Ports): Promise<Outcome> {
  const { mobile } = journey;
  if (!mobile) throw new TypeError('expected a journey with a mobile');
  const civil = await ports.registry.askCivilRegister(identity.nationalCode, identity.birthDate, mobile);
  switch (civil.kind) {
    case 'unreachable':
      return stop(journey, REGISTER_DOWN, values);
    case 'deceased':
      return stop(journey, { reason: 'identity_not_verifiable', message: 'emta.error.not_eligible' });
    case 'unknown_code':
      if (await isOneTooMany('identity', mobile, ports)) return stop(journey, tooMany(ports));
      return stop(
        journey,
        { reason: 'identity_not_verifiable', message: 'emta.error.code_unknown', retry: 'verification' },
        values,
      );
    case 'birth_mismatch':
      if (await isOneTooMany('identity', mobile, ports)) {
        return stop(journey, { reason: 'identity_mismatch', message: 'emta.error.birth_mismatch' });
      }
      return again(journey, values, { field: 'birth_year', key: 'emta.error.birth_mismatch' });
    case 'match':
      return checkOwnership(identity.nationalCode, journey, values, ports);
  }
}

async function checkOwnership(
  nationalCode: NationalCode,
  journey: Journey,
  values: Input,
  ports: Ports,
): Promise<Outcome> {
  const { mobile } = journey;
  if (!mobile) throw new TypeError('expected a journey with a mobile');
  switch (await ports.registry.askOwnership(mobile, nationalCode)) {
    case 'owner':
      return advance({ ...journey, nationalCode, mobileProven: true }, 'consent');
    case 'not_owner':
      if (ports.rules.carrier === 'claims')
        return advance({ ...journey, nationalCode, mobileProven: false }, 'consent');
      return stop(journey, { reason: 'mobile_ownership_mismatch', message: 'emta.error.ownership', retry: 'mobile' });
    case 'unknown':
      return stop(
        journey,
        { reason: 'ownership_unknown', message: 'emta.error.ownership_unknown', retry: 'verification' },
        values,
      );
    case 'unreachable':
      return stop(journey, REGISTER_DOWN, values);
  }
}

function tooMany({ rules }: Pick<Ports, 'rules'>): DeadEnd {
  return { ...TOO_MANY, params: { minutes: Math.ceil(rules.block / 60) } };
}

const FIELDS = ['code', 'national_code', 'birth_year', 'birth_month', 'birth_day'];

function typedValues(input: Input): Input {
  const given = FIELDS.filter((field) => input[field] !== undefined);
  return Object.fromEntries(given.map((field) => [field, (input[field] ?? '').slice(0, 40)]));
}

function readIdentity(
  values: Input,
  { clock, rules }: Pick<Ports, 'clock' | 'rules'>,
): { readonly errors: readonly FieldError[]; readonly value?: Identity } {
  const nationalCode = parseNationalCode(values.national_code ?? '', {
    repeatedDigits: rules.repeatedDigits,
    zeroMiddle: rules.zeroMiddle,
    ...(!rules.unknownPrefixes && { isKnownPrefix: (prefix) => knownPrefixes.has(prefix) }),
  });
  const birthDate = parseBirthDate(
    { year: values.birth_year ?? '', month: values.birth_month ?? '', day: values.birth_day ?? '' },
    todayInTehran(clock),
  );
  if (nationalCode.ok && birthDate.ok) {
    return { errors: [], value: { nationalCode: nationalCode.value, birthDate: birthDate.value } };
  }
  return {
    errors: [
      ...(nationalCode.ok ? [] : [{ field: 'national_code', key: nationalCodeMessage(nationalCode.reason) }]),
      ...(birthDate.ok
        ? []
        : [
            {
              field:
                birthDate.reason === 'month' ? 'birth_month' : birthDate.reason === 'day' ? 'birth_day' : 'birth_year',
              key: birthDate.reason === 'required' ? 'emta.verify.birth_required' : 'emta.verify.birth_invalid',
            },
          ]),
    ],
  };
}

function nationalCodeMessage(reason: string): string {
  switch (reason) {
    case 'foreign':
      return 'emta.error.foreign';
    case 'required':
    case 'length':
      return 'emta.verify.national_code_length';
    default:
      return 'emta.verify.national_code_invalid';
  }
}
