import type { Json } from '../kernel/ports.ts';
import { defineFault } from './define-fault.ts';
import { editClaims, editJson } from './edit.ts';
import { editUserinfo } from './edit-userinfo.ts';
import {
  isJsonObject,
  type Members,
  memberOf,
  replaceMember,
  withMember,
  withMembers,
  withoutMembers,
} from './members.ts';
import type { Fault, TamperContext, Tampers, WireAnswer } from './tamper.ts';

type Edit = (claims: Members, context: TamperContext) => Members;

/** The same change in the ID token and in userinfo, whichever carries the claim. */
function inClaims(edit: Edit): Pick<Tampers, 'id_token' | 'userinfo'> {
  return {
    id_token: (draft, context) => editClaims(draft, (claims) => edit(claims, context)),
    userinfo: (answer, context) => editUserinfo(answer, context, (claims) => edit(claims, context)),
  };
}

/** Changes `primaryMobileNumber.mobileNumber`. */
function inMobileResource(answer: WireAnswer, change: (number: string) => Json): WireAnswer {
  return editJson(answer, (members) =>
    replaceMember(members, 'primaryMobileNumber', (value) => {
      const number = isJsonObject(value) ? value.mobileNumber : undefined;
      return isJsonObject(value) && typeof number === 'string' ? { ...value, mobileNumber: change(number) } : value;
    }),
  );
}

/** Where there is a number, sets what is said of it. */
function beside(claims: Members, name: string, value: Json): Members {
  return memberOf(claims, 'phone_number') === undefined ? claims : withMember(claims, name, value);
}

const spellings = {
  e164: (digits: string): Json => `+98${digits}`,
  '0098': (digits: string): Json => `0098${digits}`,
  '98': (digits: string): Json => `98${digits}`,
  '0': (digits: string): Json => `0${digits}`,
  persian_digits: (digits: string): Json =>
    `0${digits}`.replace(/\d/g, (digit) => String.fromCodePoint(0x06f0 + Number(digit))),
  json_number: (digits: string): Json => Number(`98${digits}`),
} as const;

/** Faults of what Emta says of a citizen, wherever it says it. */
export const claimsFaults: readonly Fault[] = [
  defineFault({
    id: 'claims.phone_missing',
    breaks: 'OIDC Core §5.5.1: a claim may be absent',
    summary: 'a success without the mobile number',
    rows: ['D02', 'D03', 'M07'],
    parameters: {},
    tampers: () => ({
      ...inClaims((claims) => withoutMembers(claims, 'phone_number', 'phone_number_verified')),
      resource_mobile: (answer) => editJson(answer, (members) => withoutMembers(members, 'primaryMobileNumber')),
    }),
  }),
  defineFault({
    id: 'claims.phone_unverified',
    breaks: 'OIDC Core §5.1',
    summary: 'phone_number_verified is false',
    rows: ['D04'],
    parameters: {},
    tampers: () => inClaims((claims) => beside(claims, 'phone_number_verified', false)),
  }),
  defineFault({
    id: 'claims.phone_verified_as',
    breaks: 'OIDC Core §5.1: phone_number_verified is a boolean',
    summary: 'phone_number_verified is something that is no boolean',
    rows: ['D05'],
    parameters: { value: { type: 'json', required: true, meaning: 'what stands there, for example "false" or 0' } },
    tampers: (read) => inClaims((claims, context) => beside(claims, 'phone_number_verified', read(context).value)),
  }),
  defineFault({
    id: 'claims.phone_flag_missing',
    breaks: 'OIDC Core §5.1, §5.5.1',
    summary: 'a mobile number without phone_number_verified',
    rows: ['D06'],
    parameters: {},
    tampers: () => inClaims((claims) => withoutMembers(claims, 'phone_number_verified')),
  }),
  defineFault({
    id: 'claims.phone_other',
    breaks: 'scheme: Emta vouches for the number it verified',
    summary: 'Emta vouches for another mobile number than the one of this journey',
    rows: ['D07', 'D09', 'D10', 'M09'],
    parameters: { mobile: { type: 'string', required: true, meaning: 'the other number, +98912…' } },
    tampers: (read) => ({
      ...inClaims((claims, context) => replaceMember(claims, 'phone_number', () => read(context).mobile)),
      resource_mobile: (answer, context) => inMobileResource(answer, () => read(context).mobile),
    }),
  }),
  defineFault({
    id: 'claims.phone_spelling',
    breaks: 'OIDC Core §5.1, RFC 3966 §5.1.4: E.164 is recommended',
    summary: 'the right mobile number in another spelling',
    rows: ['D08', 'M07'],
    parameters: {
      spelling: {
        type: 'string',
        oneOf: ['e164', '0098', '98', '0', 'persian_digits', 'json_number'],
        required: true,
        meaning: '+98912…, 0098912…, 98912…, 0912…, 0912… in Persian digits, or a JSON number',
      },
    },
    tampers: (read) => {
      const respell = (number: Json, context: TamperContext): Json =>
        typeof number === 'string' ? spellings[read(context).spelling](number.replace(/^\+98/, '')) : number;
      return {
        ...inClaims((claims, context) => replaceMember(claims, 'phone_number', (number) => respell(number, context))),
        resource_mobile: (answer, context) => inMobileResource(answer, (number) => respell(number, context)),
      };
    },
  }),
  defineFault({
    id: 'claims.phone_disagreeing',
    breaks: 'OIDC Core §5.3.2, §5.6.2',
    summary: 'the ID token holds the verified number, userinfo another one that is not verified',
    rows: ['D11'],
    parameters: { mobile: { type: 'string', required: true, meaning: 'the number in userinfo, +98912…' } },
    tampers: (read) => ({
      id_token: (draft, { journey: { mobile } }) =>
        mobile === undefined
          ? draft
          : editClaims(draft, (claims) => withMembers(claims, { phone_number: mobile, phone_number_verified: true })),
      userinfo: (answer, context) =>
        editUserinfo(answer, context, (claims) =>
          withMembers(claims, { phone_number: read(context).mobile, phone_number_verified: false }),
        ),
    }),
  }),
  defineFault({
    id: 'claims.phone_verification_old',
    breaks: 'practice: a number changes hands',
    summary: 'the mobile number was verified long ago, and the answer says when',
    rows: ['D16'],
    parameters: { days: { type: 'number', default: 3650, meaning: 'how long ago' } },
    tampers: (read) => {
      const at = (context: TamperContext): number => Math.floor(context.now / 1000) - read(context).days * 86_400;
      return {
        ...inClaims((claims, context) => beside(claims, 'phone_number_verified_at', at(context))),
        resource_mobile: (answer, context) =>
          editJson(answer, (members) =>
            replaceMember(members, 'primaryMobileNumber', (value) =>
              isJsonObject(value) ? { ...value, verifiedAt: new Date(at(context) * 1000).toISOString() } : value,
            ),
          ),
      };
    },
  }),
  defineFault({
    id: 'claims.national_code_other',
    breaks: 'scheme: Emta vouches for the national code',
    summary: 'Emta names another national code than the one of this journey',
    rows: ['D13'],
    parameters: { national_code: { type: 'string', required: true, meaning: 'the other national code' } },
    tampers: (read) => ({
      ...inClaims((claims, context) => replaceMember(claims, 'national_code', () => read(context).national_code)),
      resource_identity: (answer, context) =>
        editJson(answer, (members) => replaceMember(members, 'nationalCode', () => read(context).national_code)),
    }),
  }),
  defineFault({
    id: 'claims.given_name',
    breaks: 'RFC 6749 §10.14',
    summary: 'the given name is this text, markup for example',
    rows: ['I08'],
    parameters: { value: { type: 'string', required: true, meaning: 'the given name' } },
    tampers: (read) => ({
      ...inClaims((claims, context) => replaceMember(claims, 'given_name', () => read(context).value)),
      resource_identity: (answer, context) =>
        editJson(answer, (members) => replaceMember(members, 'name', () => read(context).value)),
    }),
  }),
  defineFault({
    id: 'claims.email',
    breaks: 'OIDC Core §5.7: only iss and sub identify',
    summary: 'Emta gives this verified e-mail address, which may be that of somebody else',
    rows: ['I07'],
    parameters: { email: { type: 'string', required: true, meaning: 'the address' } },
    tampers: (read) =>
      inClaims((claims, context) => withMembers(claims, { email: read(context).email, email_verified: true })),
  }),
];
