import type { Json } from '../../kernel/ports.ts';
import { type LoginOptions, otherRedirectUri } from './lab.ts';

/** What arming one fault does to one whole login, and to nothing else in it. */
export interface FaultCase {
  /** `{victim}` is filled in with a national code, `{other}` with another number. */
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly login?: LoginOptions;
  /**
   * The names under which the login differs from the same one without the fault, by place; `*` stands for all of a
   * place, where the whole answer is another one.
   */
  readonly changes: Readonly<Record<string, string>>;
  /** Some of them, with what then stands there. */
  readonly shows?: Readonly<Record<string, string | RegExp>>;
  /** Places that the login without the fault reaches and this one does not. */
  readonly misses?: string;
  /** Exchanges in which the fault stands as delivered. */
  readonly at: string;
  /** How often it counts; once unless told. */
  readonly delivered?: number;
  /** The call of the relying party that takes as long as the parameter `milliseconds` says. */
  readonly slow?: string;
}

const victim = { victim: '{victim}' };
const milliseconds = 40;
const afterAnswer = 'token id_token userinfo identity mobile';
const afterToken = 'id_token userinfo identity mobile';
const identity =
  'birthdate birthdate_jalali family_name father_name gender given_name name national_code phone_number place_of_issue shenasnameh_number shenasnameh_serial sub';
const record = 'birthDate family fatherName gender name nationalCode placeOfIssue shenasnamehNumber shenasnamehSerial';
const trap = /^http:\/\/localhost:\d+\/_emta\/trap\/[\w-]{20,}/;

/** A fault of the ID token alone. */
function token(changes: string, more: Partial<FaultCase> = {}): FaultCase {
  return { changes: { id_token: changes }, at: 'token', ...more };
}

/** A fault of what the browser carries back; the code in it is still good. */
function answer(changes: string, more: Partial<FaultCase> = {}): FaultCase {
  return { changes: { callback: changes }, at: 'resume', ...more };
}

/** A fault for which the citizen is sent back from a page without a code. */
function deadEnd(error: string, reason: string): FaultCase {
  return {
    changes: { callback: 'code error error_description', pages: 'pages' },
    shows: { 'callback error': error, 'callback error_description': new RegExp(`^${reason}: `) },
    misses: afterAnswer,
    at: 'resume',
  };
}

/** The ways in which an endpoint breaks. */
function broken(
  place: string,
  misses: string,
  refusal: { readonly status: number; readonly error: string },
): Readonly<Record<string, FaultCase>> {
  const whole = { changes: { [place]: '*' }, misses, at: place };
  const status = `${place} status`;
  return {
    error: { ...whole, shows: { [status]: String(refusal.status), [`${place} error`]: `"${refusal.error}"` } },
    server_error: { ...whole, shows: { [status]: '500', [`${place} body`]: /^<!doctype html>/ } },
    hang: { ...whole, login: { givesUpAt: place }, shows: { [`${place} ending`]: 'abandoned' } },
    reset: { ...whole, shows: { [`${place} ending`]: 'cut' } },
    slow: { parameters: { milliseconds }, changes: {}, at: place, slow: place },
    wrong_content_type: { changes: { [place]: 'header.content-type' }, at: place },
    invalid_json: { ...whole, shows: { [status]: '200', [`${place} body`]: /[^}]$|[^}]\}$/ } },
    html: { ...whole, shows: { [status]: '200', [`${place} body`]: /^<!doctype html>/ } },
    redirect: { ...whole, shows: { [status]: '307', [`${place} header.location`]: trap } },
  };
}

function under(prefix: string, cases: Readonly<Record<string, FaultCase>>, ...ways: readonly string[]) {
  return Object.fromEntries(
    ways.flatMap((way) => {
      const found = cases[way];
      return found ? [[`${prefix}.${way}`, found] as const] : [];
    }),
  );
}

const invalidToken = { status: 401, error: 'invalid_token' };
const careful = { client: 'careful-shop' } as const;

/** One case for each fault of the catalogue; those of TLS need an Emta that serves it, and have a test of their own. */
export const faultCases: Readonly<Record<string, FaultCase>> = {
  'authorization.error': answer('code error', {
    parameters: { error: 'emta_xyz' },
    shows: { 'callback error': 'emta_xyz' },
    misses: afterAnswer,
  }),
  'authorization.refused_at_once': {
    changes: { callback: 'code error', pages: 'pages', sms: 'sms' },
    shows: { 'callback error': 'access_denied', pages: 'away' },
    misses: afterAnswer,
    at: 'authorize',
  },
  'authorization.dropped': {
    changes: { pages: 'pages', sms: 'sms' },
    shows: { pages: 'cut ECONNRESET' },
    misses: `callback ${afterAnswer}`,
    at: 'authorize',
  },
  'authorization.passed_on': {
    parameters: { authorization_endpoint: 'https://honest.invalid/authorize', client_id: 'at-honest' },
    changes: { callback: '*', pages: 'pages', sms: 'sms' },
    shows: {
      'callback to': 'https://honest.invalid/authorize',
      'callback client_id': 'at-honest',
      'callback state': '(own state)',
      'callback nonce': '(own nonce)',
      pages: 'away',
    },
    misses: afterAnswer,
    at: 'authorize',
  },
  'authorization.description_missing': answer('error_description', { login: { decision: 'refuse' } }),
  'authorization.error_with_code': answer('error error_description', { shows: { 'callback code': '(own code)' } }),
  'authorization.neither_code_nor_error': answer('code', { misses: afterAnswer }),
  'authorization.page_instead': {
    changes: { pages: 'pages' },
    shows: { pages: /consent, error:stays$/ },
    misses: `callback ${afterAnswer}`,
    at: 'resume',
  },
  'authorization.redirect_uri_other': answer('to shop', {
    parameters: { redirect_uri: otherRedirectUri },
    shows: { 'callback to': otherRedirectUri },
  }),
  'authorization.state_missing': answer('state'),
  'authorization.state_altered': answer('state', { shows: { 'callback state': /^state-of-login-\d*[AB]$/ } }),
  'authorization.state_empty': answer('state', { shows: { 'callback state': '' } }),
  'authorization.state_twice': answer('state', { shows: { 'callback state': '(own state) and (own state)' } }),
  'authorization.iss_missing': answer('iss'),
  'authorization.iss_unsupported': {
    changes: { callback: 'iss', discovery: 'authorization_response_iss_parameter_supported' },
    at: 'discovery resume',
    delivered: 2,
  },
  'authorization.iss_other': answer('iss', { shows: { 'callback iss': 'https://another-issuer.invalid' } }),
  'authorization.iss_trailing_slash': answer('iss', { shows: { 'callback iss': /^http:\/\/localhost:\d+\/$/ } }),
  'authorization.iss_other_case': answer('iss', { shows: { 'callback iss': /^http:\/\/LOCALHOST:\d+$/ } }),

  ...under(
    'token',
    broken('token', afterToken, { status: 400, error: 'invalid_grant' }),
    ...['error', 'server_error', 'hang', 'reset', 'slow', 'wrong_content_type', 'invalid_json', 'redirect'],
  ),
  'token.type': {
    parameters: { token_type: 'mac' },
    changes: { token: 'token_type' },
    shows: { 'token token_type': '"mac"' },
    at: 'token',
  },
  'token.optional_members_missing': { changes: { token: 'expires_in scope' }, at: 'token' },
  'token.id_token_missing': { changes: { token: 'id_token' }, misses: 'id_token', at: 'token' },
  'token.access_token_missing': { changes: { token: 'access_token' }, misses: 'userinfo identity mobile', at: 'token' },
  'token.error_beside_tokens': { changes: { token: 'error error_description' }, at: 'token' },

  'id_token.iss_other': token('iss', { shows: { 'id_token iss': '"https://another-issuer.invalid"' } }),
  'id_token.iss_trailing_slash': token('iss', { shows: { 'id_token iss': /:\d+\/"$/ } }),
  'id_token.aud_array': token('aud', { shows: { 'id_token aud': '["shop"]' } }),
  'id_token.aud_other': token('aud', { shows: { 'id_token aud': '"another-client-of-emta"' } }),
  'id_token.aud_additional': token('aud', { shows: { 'id_token aud': '["shop","another-client-of-emta"]' } }),
  'id_token.azp_other': token('azp', { shows: { 'id_token azp': '"another-client-of-emta"' } }),
  'id_token.iss_missing': token('iss'),
  'id_token.aud_missing': token('aud'),
  'id_token.exp_missing': token('exp'),
  'id_token.iat_missing': token('iat'),
  'id_token.sub_missing': token('sub'),
  'id_token.nonce_missing': token('nonce'),
  'id_token.acr_missing': token('acr'),
  'id_token.auth_time_missing': token('auth_time'),
  'id_token.expired': token('exp', { shows: { 'id_token exp': 'now -20' } }),
  'id_token.short_lived': token('exp', { shows: { 'id_token exp': 'now 2' } }),
  'id_token.iat_future': token('iat', { shows: { 'id_token iat': 'now 120' } }),
  'id_token.iat_old': token('iat', { shows: { 'id_token iat': 'now -20160' } }),
  'id_token.nbf_future': token('nbf', { shows: { 'id_token nbf': 'now 120' } }),
  'id_token.sub_empty': token('sub', { shows: { 'id_token sub': '""' } }),
  'id_token.sub_malformed': token('sub', { parameters: { form: 'nul' }, shows: { 'id_token sub': /\\u0000/ } }),
  'id_token.sub_twice': token('sub', { parameters: victim, shows: { 'id_token sub': /^"[\w-]+" and "[\w-]+"$/ } }),
  'id_token.nonce_wrong': token('nonce', { shows: { 'id_token nonce': /^"[\w-]{22}"$/ } }),
  'id_token.nonce_previous': token('nonce', { shows: { 'id_token nonce': /^"nonce-of-login-\d+"$/ } }),
  'id_token.at_hash_wrong': token('at_hash', { shows: { 'id_token at_hash': /^"[\w-]{22}"$/ } }),
  'id_token.acr_lower': token('acr', { shows: { 'id_token acr': '"0"' } }),
  'id_token.auth_time_old': token('auth_time', { shows: { 'id_token auth_time': 'now -2880' } }),
  'id_token.of_other_client': token('aud azp', { shows: { 'id_token aud': '"another-client-of-emta"' } }),
  'id_token.large': token('filling', { shows: { 'id_token filling': /^"x{6000,}"$/ } }),
  'clock.behind': token('auth_time exp iat', { shows: { 'id_token iat': 'now -4', 'id_token exp': 'now 26' } }),
  'clock.ahead': token('auth_time exp iat', { shows: { 'id_token iat': 'now 4', 'id_token exp': 'now 34' } }),

  'id_token.alg_none': token('header.alg signature', {
    parameters: { spelling: 'nOnE' },
    shows: { 'id_token header.alg': '"nOnE"', 'id_token signature': 'empty' },
  }),
  'id_token.signed_hs256_client_secret': token('header.alg header.kid signature', {
    shows: { 'id_token signature': 'HS256 by the client secret' },
  }),
  'id_token.signed_hs256_public_key': token('header.alg signature', {
    shows: { 'id_token signature': 'HS256 by the public key' },
  }),
  'id_token.foreign_key': token('signature', { shows: { 'id_token signature': 'unsound' } }),
  'id_token.signature_empty': token('signature', { shows: { 'id_token signature': 'empty' } }),
  'id_token.payload_altered': token('signature', { shows: { 'id_token signature': 'unsound' } }),
  'id_token.kid_unknown': token('header.kid signature', {
    shows: { 'id_token header.kid': /^"unknown-/, 'id_token signature': 'by a key that is not published' },
  }),
  'id_token.kid_missing': {
    changes: { id_token: 'header.kid signature', jwks: 'keys' },
    shows: { 'id_token signature': 'by one of several keys' },
    at: 'jwks token',
    delivered: 2,
  },
  'id_token.kid_missing_single_key': token('header.kid'),
  'id_token.embedded_jwk': token('header.jwk header.kid signature', {
    shows: { 'id_token signature': 'by a key that is not published' },
  }),
  'id_token.jku': token('header.jku header.kid signature', {
    shows: { 'id_token header.jku': /\/_emta\/trap\/[\w-]{20,}\/jwks"$/ },
  }),
  'id_token.x5u': token('header.kid header.x5u signature', {
    shows: { 'id_token header.x5u': /\/_emta\/trap\/[\w-]{20,}\/certificate\.pem"$/ },
  }),
  'id_token.x5c': token('header.kid header.x5c signature', { shows: { 'id_token signature': 'unsound' } }),
  'id_token.crit_unknown': token('header.crit header.emta_unknown'),

  ...under(
    'userinfo',
    broken('userinfo', '', invalidToken),
    ...['error', 'server_error', 'hang', 'slow', 'invalid_json'],
  ),
  'userinfo.sub_other': { parameters: victim, changes: { userinfo: identity }, at: 'userinfo' },
  'userinfo.sub_missing': { changes: { userinfo: 'sub' }, at: 'userinfo' },
  'userinfo.sub_array': {
    parameters: victim,
    changes: { userinfo: identity },
    shows: { 'userinfo sub': /^\["[\w-]+","[\w-]+"\]$/ },
    at: 'userinfo',
  },
  'userinfo.sub_twice': {
    parameters: victim,
    changes: { userinfo: identity },
    shows: { 'userinfo sub': /^"[\w-]+" and "[\w-]+"$/ },
    at: 'userinfo',
  },
  'userinfo.signature_foreign': {
    login: careful,
    changes: { 'userinfo.jwt': 'signature' },
    shows: { 'userinfo.jwt signature': 'unsound' },
    at: 'userinfo',
  },
  'userinfo.aud_other': {
    login: careful,
    changes: { 'userinfo.jwt': 'aud' },
    shows: { 'userinfo.jwt aud': '"another-client-of-emta"' },
    at: 'userinfo',
  },

  'claims.phone_missing': {
    changes: { userinfo: 'phone_number phone_number_verified', mobile: 'primaryMobileNumber' },
    at: 'userinfo mobile',
  },
  'claims.phone_unverified': {
    changes: { userinfo: 'phone_number_verified' },
    shows: { 'userinfo phone_number_verified': 'false' },
    at: 'userinfo',
  },
  'claims.phone_verified_as': {
    parameters: { value: 'true' },
    changes: { userinfo: 'phone_number_verified' },
    shows: { 'userinfo phone_number_verified': '"true"' },
    at: 'userinfo',
  },
  'claims.phone_flag_missing': { changes: { userinfo: 'phone_number_verified' }, at: 'userinfo' },
  'claims.phone_other': {
    parameters: { mobile: '{other}' },
    changes: { userinfo: 'phone_number', mobile: 'primaryMobileNumber' },
    at: 'userinfo mobile',
  },
  'claims.phone_spelling': {
    parameters: { spelling: '0098' },
    changes: { userinfo: 'phone_number', mobile: 'primaryMobileNumber' },
    shows: { 'userinfo phone_number': /^"0098/, 'mobile primaryMobileNumber': /"0098/ },
    at: 'userinfo mobile',
  },
  'claims.phone_disagreeing': {
    parameters: { mobile: '{other}' },
    changes: { id_token: 'phone_number phone_number_verified', userinfo: 'phone_number phone_number_verified' },
    shows: { 'id_token phone_number_verified': 'true', 'userinfo phone_number_verified': 'false' },
    at: 'token userinfo',
  },
  'claims.phone_verification_old': {
    changes: { userinfo: 'phone_number_verified_at', mobile: 'primaryMobileNumber' },
    shows: { 'userinfo phone_number_verified_at': 'now -10512000', 'mobile primaryMobileNumber': /"verifiedAt":"20/ },
    at: 'userinfo mobile',
  },
  'claims.national_code_other': {
    parameters: { national_code: '{victim}' },
    changes: { userinfo: 'national_code', identity: 'nationalCode' },
    at: 'userinfo identity',
  },
  'claims.given_name': {
    parameters: { value: '<script>alert(1)</script>' },
    changes: { userinfo: 'given_name', identity: 'name' },
    shows: { 'userinfo given_name': '"<script>alert(1)</script>"' },
    at: 'userinfo identity',
  },
  'claims.email': {
    parameters: { email: 'somebody-else@example.com' },
    changes: { id_token: 'email email_verified', userinfo: 'email email_verified' },
    at: 'token userinfo',
  },

  ...under(
    'resource_identity',
    broken('identity', '', invalidToken),
    ...['error', 'server_error', 'hang', 'slow', 'invalid_json', 'html', 'redirect'],
  ),
  ...under(
    'resource_mobile',
    broken('mobile', '', invalidToken),
    ...['error', 'server_error', 'hang', 'slow', 'invalid_json', 'html', 'redirect'],
  ),
  'resource_identity.of_other': { parameters: victim, changes: { identity: record }, at: 'identity' },
  'resource_identity.empty': { changes: { identity: record }, shows: { 'identity status': '200' }, at: 'identity' },
  'resource_identity.national_code_missing': { changes: { identity: 'nationalCode' }, at: 'identity' },
  'resource_identity.names_null': {
    changes: { identity: 'family name' },
    shows: { 'identity family': 'null', 'identity name': 'null' },
    at: 'identity',
  },
  'resource_identity.error_in_success': {
    changes: { identity: `${record} error error_description` },
    shows: { 'identity status': '200', 'identity error': '"server_error"' },
    at: 'identity',
  },

  'discovery.issuer_other': {
    changes: { discovery: 'issuer' },
    shows: { 'discovery issuer': '"https://another-issuer.invalid"' },
    at: 'discovery',
  },
  'discovery.s256_and_plain': {
    changes: { discovery: 'code_challenge_methods_supported' },
    shows: { 'discovery code_challenge_methods_supported': '["plain","S256"]' },
    at: 'discovery',
  },
  'discovery.plain_only': {
    changes: { discovery: 'code_challenge_methods_supported' },
    shows: { 'discovery code_challenge_methods_supported': '["plain"]' },
    at: 'discovery',
  },
  // The login behind it goes to the moved endpoint and succeeds.
  'discovery.token_endpoint_moved': {
    changes: { discovery: 'token_endpoint' },
    shows: { 'discovery token_endpoint': /\/service\/v2\/oauth\/token"$/, 'token status': '200' },
    at: 'discovery',
  },
  ...under('discovery', broken('discovery', '', { status: 503, error: 'temporarily_unavailable' }), 'reset'),
  'jwks.server_error': {
    changes: { jwks: '*', id_token: 'signature' },
    shows: { 'jwks status': '500', 'id_token signature': 'by a key that is not published' },
    at: 'jwks',
  },
  'keys.announced': { changes: { jwks: 'keys' }, at: 'jwks' },
  'keys.used': {
    changes: { jwks: 'keys', id_token: 'header.kid' },
    shows: { 'id_token header.kid': /^"emta-next-/, 'id_token signature': 'sound' },
    at: 'jwks token',
    delivered: 2,
  },
  'keys.withdrawn': token('header.kid signature', {
    shows: { 'id_token header.kid': /^"emta-next-/, 'id_token signature': 'by a key that is not published' },
  }),
  'answers.unknown_members': {
    changes: {
      callback: 'foo session_state',
      token: 'emta_unknown',
      userinfo: 'emta_unknown',
      identity: 'emta_unknown',
      mobile: 'emta_unknown',
    },
    at: 'resume token userinfo identity mobile',
  },

  'consent.mobile_withheld': {
    changes: { token: 'scope', userinfo: 'phone_number phone_number_verified', mobile: '*' },
    shows: { 'token scope': '"openid user:identity:general"', 'mobile status': '403' },
    at: 'resume',
  },
  'sms.late': { changes: { sms: 'sms' }, shows: { sms: '' }, at: 'resume' },
  'sms.lost': { changes: { sms: 'sms' }, shows: { sms: 'lost origin_bound' }, at: 'resume' },
  'sms.twice': {
    changes: { sms: 'sms' },
    shows: { sms: 'delivered origin_bound, delivered origin_bound' },
    at: 'resume',
  },
  'sms.out_of_order': {
    login: { resends: true },
    changes: { sms: 'sms' },
    shows: { sms: 'delivered origin_bound, delivered origin_bound (older)' },
    at: 'resume',
  },
  'sms.undeliverable': {
    ...deadEnd('access_denied', 'mobile_inactive'),
    changes: { callback: 'code error error_description', pages: 'pages', sms: 'sms' },
  },
  'sms.wording': {
    parameters: { variant: 'opt_out' },
    changes: { sms: 'sms' },
    shows: { sms: 'delivered opt_out' },
    at: 'resume',
  },
  'register.civil_down': deadEnd('temporarily_unavailable', 'register_unreachable'),
  'register.ownership_down': deadEnd('temporarily_unavailable', 'register_unreachable'),
  'register.ownership_unknown': deadEnd('temporarily_unavailable', 'ownership_unknown'),
  'register.not_owner': deadEnd('access_denied', 'mobile_ownership_mismatch'),
  'register.slow': { parameters: { milliseconds }, changes: {}, at: 'resume', delivered: 2 },
};
