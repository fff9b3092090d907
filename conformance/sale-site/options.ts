import type { Clock, Log, Random, SendSms } from './ports.ts';

/** How the site speaks to an Emta: which one, and as which client. */
export interface EmtaClient {
  /** Issuer, exactly as its metadata spell it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Somebody who is a customer already when the site starts. */
export interface MemberSeed {
  readonly nationalCode: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly fatherName?: string;
  /** ISO calendar date. */
  readonly birthDate: string;
  readonly gender?: 'male' | 'female';
  /** E.164. */
  readonly mobile: string;
  /** Without one nobody can sign in by password until a new one is set. */
  readonly password?: string;
}

export interface SaleSiteOptions extends EmtaClient {
  /** Where browsers reach the site, without a path: `http://localhost:4300`. */
  readonly baseUrl: string;
  /** Default: `/emta/callback` below `baseUrl`. */
  readonly redirectUri?: string;
  /** OpenID Connect, or plain OAuth 2.0 with the resources of the real Emta. Default `oidc`. */
  readonly face?: 'oidc' | 'oauth2';
  /** Default `client_secret_post`, as the real Emta has it. */
  readonly tokenEndpointAuthMethod?: 'client_secret_post' | 'client_secret_basic';
  /** A second Emta to sign in with, at `/emta/other/start`; for proving the defence against mix-up. */
  readonly otherEmta?: EmtaClient;
  /** Whether the sign-in box asks for the mobile number too. Default false, as in the circular. */
  readonly asksMobile?: boolean;
  /** JSON file of the accounts; without it they live in memory. */
  readonly storeFile?: string;
  /** Address that takes `POST {to, text}`, or a function; without it no SMS can be sent. */
  readonly smsGateway?: string | SendSms;
  readonly members?: readonly MemberSeed[];
  /** Serves the security code of the caller's own session as JSON, for test drivers. Default false. */
  readonly driverHooks?: boolean;
  /** Names of the defects to build in, such as `X01` or `X03.absent`. Default none. */
  readonly defects?: readonly string[];
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}
