import type { Login, Logins } from './logins.ts';
import type { Reason } from './reason.ts';

/** What an authorization answer is, before anything is done with it. */
export type Judgement = { readonly kind: 'code' } | { readonly kind: 'ended'; readonly reason: Reason };

const parameters = ['state', 'iss', 'code', 'error'] as const;

/** RFC 6749 3.1: a parameter must not occur twice. */
export function isWellFormed(answer: URLSearchParams): boolean {
  return parameters.every((name) => answer.getAll(name).length < 2);
}

/** The login that an answer belongs to: found by state, and only in the browser that started it (RFC 9700 4.7.1). */
export function recallLogin(answer: URLSearchParams, browser: string | undefined, logins: Logins): Login | undefined {
  const login = logins.byState(answer.get('state') ?? '');
  return login !== undefined && login.browser === browser ? login : undefined;
}

/** A code counts at the address it was asked for alone (RFC 6749 4.1.3). */
export function arrivesWhereAsked(path: string, login: Login): boolean {
  return new URL(login.redirectUri).pathname === path;
}

/**
 * RFC 9207 2.4: `iss` is compared as a plain string. An answer without one is refused where the issuer promises it,
 * save an error: that opens nothing, and its state ties it to this browser's login already.
 */
export function fitsIssuer(answer: URLSearchParams, login: Login, isPromised: boolean): boolean {
  const issuer = answer.get('iss');
  return issuer === null ? !isPromised || answer.has('error') : issuer === login.issuer;
}

const reasonOfError: ReadonlyMap<string, Reason> = new Map([
  ['access_denied', 'refused'],
  ['login_required', 'refused'],
  ['interaction_required', 'refused'],
  ['consent_required', 'refused'],
  ['account_selection_required', 'refused'],
  ['unmet_authentication_requirements', 'refused'],
  ['mobile_ownership_mismatch', 'mobile_unverified'],
  ['server_error', 'unavailable'],
  ['temporarily_unavailable', 'unavailable'],
]);

/**
 * An error wins over a code (RFC 6749 4.1.2.1), whatever its code; its description is for logs alone.
 * An answer with neither is how some providers tell a refusal.
 */
export function judgeAnswer(answer: URLSearchParams): Judgement {
  const error = answer.get('error');
  if (error !== null) return { kind: 'ended', reason: reasonOfError.get(error) ?? 'bad_answer' };
  return answer.get('code') ? { kind: 'code' } : { kind: 'ended', reason: 'refused' };
}
