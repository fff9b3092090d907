import type { Middleware } from 'koa';
import type { Account } from './accounts.ts';
import { type CookieFlags, cookieFlags } from './cookies.ts';
import {
  arrivesWhereAsked,
  fitsIssuer,
  isWellFormed,
  type Judgement,
  judgeAnswer,
  recallLogin,
} from './login/answer.ts';
import { createEmta, type Emta, type EmtaOptions, type EmtaPorts } from './login/emta.ts';
import { type Identity, isAsTyped, isOfAge, keyOf, provenMobile, readIdentity } from './login/identity.ts';
import { drawSecrets, type Login, type LoginSecrets, type Logins } from './login/logins.ts';
import { type CitizenRecord, readResources, readUserinfo } from './login/records.ts';
import { type Claims, isIdTokenSound, redeem, type Tokens } from './login/redeem.ts';
import { authorizationRequest } from './login/request.ts';
import { type PasswordFault, passwordFaults } from './password.ts';
import type { Random } from './ports.ts';
import { type Applicant, applicant } from './registration/applicant.ts';
import { type Captcha, type CaptchaFault, captchaFault } from './registration/captcha.ts';
import { type Field, identityValue } from './registration/fields.ts';
import { missingFields } from './registration/form.ts';
import { type Registration, storeOnce } from './registration/registration.ts';
import { type CodeFault, codeFault, type ValidationCode } from './registration/validation-code.ts';
import { renewSession } from './session-renewal.ts';
import type { Session, Sessions, Who } from './sessions.ts';
import type { Site } from './site.ts';

/**
 * Every decision that a relying party can get wrong, one function each, in the order of the journey. The site runs
 * with `correctPolicy`; a defect replaces members of it.
 */
export interface Policy {
  /** Stands before everything else; a sound site lets all pass. */
  readonly around: (site: Site) => Middleware;
  readonly createEmta: (options: EmtaOptions, ports: EmtaPorts) => Emta;
  /** Where a citizen goes after signing in, as far as the request that starts the login may say. */
  readonly destination: (query: URLSearchParams) => string;
  readonly drawSecrets: (random: Random) => LoginSecrets;
  readonly authorizationRequest: (login: Login, emta: Emta) => Promise<URL>;

  readonly isWellFormed: (answer: URLSearchParams) => boolean;
  readonly recallLogin: (answer: URLSearchParams, browser: string | undefined, logins: Logins) => Login | undefined;
  /** Whether a login may be answered: once. */
  readonly isUnanswered: (login: Login) => boolean;
  readonly arrivesWhereAsked: (path: string, login: Login) => boolean;
  readonly fitsIssuer: (answer: URLSearchParams, login: Login, isPromised: boolean) => boolean;
  readonly judgeAnswer: (answer: URLSearchParams) => Judgement;
  readonly redeem: (answer: URLSearchParams, login: Login, emta: Emta) => Promise<Tokens>;
  readonly isIdTokenSound: (tokens: Tokens, clientId: string, now: number) => boolean;
  readonly readUserinfo: (tokens: Tokens, emta: Emta, login: Login) => Promise<CitizenRecord>;
  readonly readResources: (tokens: Tokens, emta: Emta, login: Login) => Promise<CitizenRecord>;
  readonly readIdentity: (
    record: CitizenRecord,
    issuer: string,
    mobile: string | undefined,
    login: Login,
  ) => Identity | undefined;

  readonly provenMobile: (claims: Claims) => string | undefined;
  readonly isMobileRequired: boolean;
  readonly isAsTyped: (identity: Identity, login: Login) => { readonly code: boolean; readonly mobile: boolean };
  readonly isOfAge: (birthDate: string, today: string) => boolean;
  readonly keyOf: (identity: Identity) => string;
  readonly renewSession: (sessions: Sessions, old: string | undefined, who: Who, isRemembered: boolean) => Session;
  readonly cookieFlags: (isSecure: boolean) => CookieFlags;
  /** Where the answer's browser is sent once it has been dealt with. */
  readonly landing: (path: string, answer: URLSearchParams) => string;
  readonly isEscaped: boolean;

  /** The verified citizen whom the registration pages serve. */
  readonly applicant: (
    session: Session | undefined,
    posted: URLSearchParams,
    open: (identity: Identity) => Session,
  ) => Applicant | undefined;
  readonly identityValue: (field: Field, verified: string | undefined, posted: string) => string;
  readonly missingFields: (all: readonly Field[], posted: URLSearchParams, identity: Identity) => readonly Field[];
  readonly passwordFaults: (password: string) => readonly PasswordFault[];
  readonly codeFault: (code: ValidationCode, typed: string, now: number) => CodeFault | undefined;
  readonly captchaFault: (captcha: Captcha | undefined, typed: string, now: number) => CaptchaFault | undefined;
  /** Whether the last page opens. */
  readonly isCodeConfirmed: (registration: Registration) => boolean;
  /** What is stored once the data form is right: nothing. */
  readonly storeDraft: (registration: Registration, site: Site) => Promise<void>;
  readonly storeOnce: (registration: Registration, site: Site) => Promise<void>;
  /** The account that a citizen has already. */
  readonly ownAccount: (byKey: Account | undefined, byNationalCode: Account | undefined) => Account | undefined;
}

export const correctPolicy: Policy = {
  around: () => (_ctx, next) => next(),
  createEmta,
  destination: () => '/registration',
  drawSecrets,
  authorizationRequest,
  isWellFormed,
  recallLogin,
  isUnanswered: (login) => login.landing === undefined,
  arrivesWhereAsked,
  fitsIssuer,
  judgeAnswer,
  redeem,
  isIdTokenSound,
  readUserinfo,
  readResources,
  readIdentity,
  provenMobile,
  isMobileRequired: true,
  isAsTyped,
  isOfAge,
  keyOf,
  renewSession,
  cookieFlags,
  landing: (path) => path,
  isEscaped: true,
  applicant,
  identityValue,
  missingFields,
  passwordFaults,
  codeFault,
  captchaFault,
  isCodeConfirmed: (registration) => registration.isCodeConfirmed,
  storeDraft: async () => undefined,
  storeOnce,
  ownAccount: (byKey, byNationalCode) => byKey ?? byNationalCode,
};
