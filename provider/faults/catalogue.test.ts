import { expect, test } from '@jest/globals';
import type { Json } from '../kernel/ports.ts';
import { differences, refusal, sampleContext, samples } from '../test/fault-samples.ts';
import { describeFaults, faultById, faultCatalogue } from './catalogue.ts';
import type { AnswerTampers, Fault, Tampered } from './tamper.ts';

const places = [
  'authorization_response',
  'token_response',
  'id_token',
  'userinfo',
  'resource_identity',
  'resource_mobile',
  'discovery',
  'jwks',
] as const satisfies readonly (keyof Tampered)[];

type Changes = Partial<Readonly<Record<keyof Tampered, string>>>;

/** What each fault changes at each place, and nothing else. */
const changes: Readonly<Record<string, Changes>> = {
  'authorization.error': { authorization_response: 'params.code params.error' },
  'authorization.description_missing': { authorization_response: 'params.error_description' },
  'authorization.error_with_code': { authorization_response: 'params.error params.error_description' },
  'authorization.neither_code_nor_error': { authorization_response: 'params.code' },
  'authorization.page_instead': { authorization_response: 'mode params.code params.iss params.state' },
  'authorization.redirect_uri_other': { authorization_response: 'redirectUri' },
  'authorization.state_missing': { authorization_response: 'params.state' },
  'authorization.state_altered': { authorization_response: 'params.state' },
  'authorization.state_empty': { authorization_response: 'params.state' },
  'authorization.state_twice': { authorization_response: 'params.state' },
  'authorization.iss_missing': { authorization_response: 'params.iss' },
  'authorization.iss_unsupported': {
    authorization_response: 'params.iss',
    discovery: 'body.authorization_response_iss_parameter_supported',
  },
  'authorization.iss_other': { authorization_response: 'params.iss' },
  'authorization.iss_trailing_slash': { authorization_response: 'params.iss' },
  'authorization.iss_other_case': { authorization_response: 'params.iss' },
  'token.error': { token_response: 'body header.cache-control status' },
  'token.server_error': { token_response: 'body header.content-type status' },
  'token.hang': { token_response: 'transport' },
  'token.reset': { token_response: 'transport' },
  'token.slow': { token_response: 'delay' },
  'token.wrong_content_type': { token_response: 'header.content-type' },
  'token.invalid_json': { token_response: 'body' },
  'token.redirect': { token_response: 'body header.content-type header.location status' },
  'token.type': { token_response: 'body.token_type' },
  'token.optional_members_missing': { token_response: 'body.expires_in body.scope' },
  'token.id_token_missing': { token_response: 'body.id_token' },
  'token.access_token_missing': { token_response: 'body.access_token' },
  'token.error_beside_tokens': { token_response: 'body.error body.error_description' },
  'id_token.iss_other': { id_token: 'claims.iss' },
  'id_token.iss_trailing_slash': { id_token: 'claims.iss' },
  'id_token.iss_missing': { id_token: 'claims.iss' },
  'id_token.aud_array': { id_token: 'claims.aud' },
  'id_token.aud_other': { id_token: 'claims.aud' },
  'id_token.aud_additional': { id_token: 'claims.aud claims.azp' },
  'id_token.aud_missing': { id_token: 'claims.aud' },
  'id_token.azp_other': { id_token: 'claims.azp' },
  'id_token.expired': { id_token: 'claims.exp' },
  'id_token.short_lived': { id_token: 'claims.exp' },
  'id_token.exp_missing': { id_token: 'claims.exp' },
  'id_token.iat_missing': { id_token: 'claims.iat' },
  'id_token.iat_future': { id_token: 'claims.iat' },
  'id_token.iat_old': { id_token: 'claims.iat' },
  'id_token.nbf_future': { id_token: 'claims.nbf' },
  'id_token.sub_missing': { id_token: 'claims.sub' },
  'id_token.sub_empty': { id_token: 'claims.sub' },
  'id_token.sub_malformed': { id_token: 'claims.sub' },
  'id_token.sub_twice': { id_token: 'claims.sub' },
  'id_token.nonce_missing': { id_token: 'claims.nonce' },
  'id_token.nonce_wrong': { id_token: 'claims.nonce' },
  'id_token.nonce_previous': { id_token: 'claims.nonce' },
  'id_token.at_hash_wrong': { id_token: 'claims.at_hash' },
  'id_token.acr_missing': { id_token: 'claims.acr' },
  'id_token.acr_lower': { id_token: 'claims.acr' },
  'id_token.auth_time_missing': { id_token: 'claims.auth_time' },
  'id_token.auth_time_old': { id_token: 'claims.auth_time' },
  'id_token.of_other_client': { id_token: 'claims.at_hash claims.aud claims.azp' },
  'id_token.large': { id_token: 'claims.filling' },
  'clock.behind': { id_token: 'claims.auth_time claims.exp claims.iat' },
  'clock.ahead': { id_token: 'claims.auth_time claims.exp claims.iat' },
  'id_token.alg_none': { id_token: 'header.alg signing' },
  'id_token.signed_hs256_client_secret': { id_token: 'header.alg header.kid signing' },
  'id_token.signed_hs256_public_key': { id_token: 'header.alg signing' },
  'id_token.foreign_key': { id_token: 'signing' },
  'id_token.signature_empty': { id_token: 'signing' },
  'id_token.payload_altered': { id_token: 'altered.iat' },
  'id_token.kid_unknown': { id_token: 'header.kid signing' },
  'id_token.kid_missing': { id_token: 'header.kid', jwks: 'body.keys' },
  'id_token.kid_missing_single_key': { id_token: 'header.kid', jwks: 'body.keys' },
  'id_token.embedded_jwk': { id_token: 'header.jwk header.kid signing' },
  'id_token.jku': { id_token: 'header.jku header.kid signing' },
  'id_token.x5u': { id_token: 'header.kid header.x5u signing' },
  'id_token.x5c': { id_token: 'header.kid header.x5c signing' },
  'id_token.crit_unknown': { id_token: 'header.crit header.emta_unknown' },
  'userinfo.error': { userinfo: 'body header.cache-control header.www-authenticate status' },
  'userinfo.server_error': { userinfo: 'body header.content-type status' },
  'userinfo.hang': { userinfo: 'transport' },
  'userinfo.slow': { userinfo: 'delay' },
  'userinfo.invalid_json': { userinfo: 'body' },
  'userinfo.sub_other': {
    userinfo: 'body.given_name body.national_code body.phone_number body.phone_number_verified body.sub',
  },
  'userinfo.sub_missing': { userinfo: 'body.sub' },
  'userinfo.sub_array': {
    userinfo: 'body.given_name body.national_code body.phone_number body.phone_number_verified body.sub',
  },
  'userinfo.sub_twice': {
    userinfo: 'body.given_name body.national_code body.phone_number body.phone_number_verified body.sub',
  },
  // These need signed userinfo; see userinfo.test.ts.
  'userinfo.signature_foreign': { userinfo: '' },
  'userinfo.aud_other': { userinfo: '' },
  'claims.phone_missing': {
    id_token: 'claims.phone_number claims.phone_number_verified',
    userinfo: 'body.phone_number body.phone_number_verified',
    resource_mobile: 'body.primaryMobileNumber',
  },
  'claims.phone_unverified': { id_token: 'claims.phone_number_verified', userinfo: 'body.phone_number_verified' },
  'claims.phone_verified_as': { id_token: 'claims.phone_number_verified', userinfo: 'body.phone_number_verified' },
  'claims.phone_flag_missing': { id_token: 'claims.phone_number_verified', userinfo: 'body.phone_number_verified' },
  'claims.phone_other': {
    id_token: 'claims.phone_number',
    userinfo: 'body.phone_number',
    resource_mobile: 'body.primaryMobileNumber',
  },
  'claims.phone_spelling': {
    id_token: 'claims.phone_number',
    userinfo: 'body.phone_number',
    resource_mobile: 'body.primaryMobileNumber',
  },
  // The ID token of the samples holds the verified number already.
  'claims.phone_disagreeing': { id_token: '', userinfo: 'body.phone_number body.phone_number_verified' },
  'claims.phone_verification_old': {
    id_token: 'claims.phone_number_verified_at',
    userinfo: 'body.phone_number_verified_at',
    resource_mobile: 'body.primaryMobileNumber',
  },
  'claims.national_code_other': {
    id_token: 'claims.national_code',
    userinfo: 'body.national_code',
    resource_identity: 'body.nationalCode',
  },
  'claims.given_name': { id_token: 'claims.given_name', userinfo: 'body.given_name', resource_identity: 'body.name' },
  'claims.email': { id_token: 'claims.email claims.email_verified', userinfo: 'body.email body.email_verified' },
  'resource_identity.error': { resource_identity: 'body header.cache-control header.www-authenticate status' },
  'resource_identity.server_error': { resource_identity: 'body header.content-type status' },
  'resource_identity.hang': { resource_identity: 'transport' },
  'resource_identity.slow': { resource_identity: 'delay' },
  'resource_identity.invalid_json': { resource_identity: 'body' },
  'resource_identity.html': { resource_identity: 'body header.content-type' },
  'resource_identity.redirect': { resource_identity: 'body header.content-type header.location status' },
  'resource_identity.of_other': { resource_identity: 'body.birthDate body.family body.name body.nationalCode' },
  'resource_identity.empty': { resource_identity: 'body.birthDate body.family body.name body.nationalCode' },
  'resource_identity.national_code_missing': { resource_identity: 'body.nationalCode' },
  'resource_identity.names_null': { resource_identity: 'body.family body.name' },
  'resource_identity.error_in_success': {
    resource_identity: 'body.birthDate body.error body.error_description body.family body.name body.nationalCode',
  },
  'resource_mobile.error': { resource_mobile: 'body header.cache-control header.www-authenticate status' },
  'resource_mobile.server_error': { resource_mobile: 'body header.content-type status' },
  'resource_mobile.hang': { resource_mobile: 'transport' },
  'resource_mobile.slow': { resource_mobile: 'delay' },
  'resource_mobile.invalid_json': { resource_mobile: 'body' },
  'resource_mobile.html': { resource_mobile: 'body header.content-type' },
  'resource_mobile.redirect': { resource_mobile: 'body header.content-type header.location status' },
  'discovery.issuer_other': { discovery: 'body.issuer' },
  'discovery.s256_and_plain': { discovery: 'body.code_challenge_methods_supported' },
  'discovery.plain_only': { discovery: 'body.code_challenge_methods_supported' },
  'discovery.token_endpoint_moved': { discovery: 'body.token_endpoint' },
  'discovery.reset': { discovery: 'transport' },
  'jwks.server_error': { jwks: 'body header.content-type status' },
  'keys.announced': { jwks: 'body.keys' },
  'keys.used': { id_token: 'header.kid signing', jwks: 'body.keys' },
  'keys.withdrawn': { id_token: 'header.kid signing' },
  'answers.unknown_members': {
    authorization_response: 'params.foo params.session_state',
    token_response: 'body.emta_unknown',
    userinfo: 'body.emta_unknown',
    resource_identity: 'body.emta_unknown',
    resource_mobile: 'body.emta_unknown',
    discovery: 'body.emta_unknown',
    jwks: 'body.emta_unknown',
  },
};

/** Parameters for the faults that cannot do without. */
const given: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  'authorization.error': { error: 'emta_xyz' },
  'authorization.redirect_uri_other': { redirect_uri: 'http://127.0.0.1:8080/other' },
  'token.type': { token_type: 'mac' },
  'id_token.sub_malformed': { form: 'nul' },
  'id_token.sub_twice': { victim: '9991001115' },
  'userinfo.sub_other': { victim: '9991001115' },
  'userinfo.sub_array': { victim: '9991001115' },
  'userinfo.sub_twice': { victim: '9991001115' },
  'resource_identity.of_other': { victim: '9991001115' },
  'claims.phone_other': { mobile: '+989070001115' },
  'claims.phone_disagreeing': { mobile: '+989070001115' },
  'claims.phone_verified_as': { value: 'false' },
  'claims.phone_spelling': { spelling: '0098' },
  'claims.national_code_other': { national_code: '9991001115' },
  'claims.given_name': { value: '<script>' },
  'claims.email': { email: 'a@example.com' },
};

async function differencesAt<P extends keyof Tampered>(place: P, fault: Fault, before: Tampered): Promise<Changes> {
  const tampers: AnswerTampers = fault.tampers;
  const tamper = tampers[place];
  if (!tamper) return {};
  const after = await tamper(before[place], sampleContext(given[fault.id] ?? {}));
  return { [place]: differences(before[place], after).join(' ') };
}

async function changesOf(fault: Fault): Promise<Changes> {
  const before =
    fault.id === 'authorization.description_missing' ? { ...samples, authorization_response: refusal } : samples;
  const found = await Promise.all(places.map((place) => differencesAt(place, fault, before)));
  return Object.assign({}, ...found);
}

const tampering = faultCatalogue.filter(({ acts }) => acts.some((act) => places.some((place) => place === act)));

test.each(tampering.map((fault) => [fault.id, fault] as const))(
  '%s changes what it says and nothing else',
  async (id, fault) => {
    expect(await changesOf(fault)).toEqual(changes[id]);
  },
);

test('an id is used once, names its place and what is wrong there', () => {
  const ids = faultCatalogue.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z_]+\.[a-z0-9_]+$/);
});

test.each(faultCatalogue.map((fault) => [fault.id, fault] as const))(
  '%s says where it acts, what it does and what it breaks',
  (_id, fault) => {
    expect(fault.acts.length).toBeGreaterThan(0);
    expect(fault.summary).toMatch(/^[a-zA-Z].*[^.]$/);
    expect(fault.breaks).toMatch(/^(RFC \d+|OIDC (Core|Discovery)|practice:|scheme:|circular 4299)/);
    for (const { meaning } of Object.values(fault.parameters)) expect(meaning).toMatch(/[^.]$/);
    for (const row of fault.rows) expect(row).toMatch(/^[A-R]\d\d$/);
  },
);

test('only faults between Emta and the citizen serve no row', () => {
  const idle = faultCatalogue.filter(({ rows }) => rows.length === 0);
  expect(new Set(idle.flatMap(({ acts }) => acts))).toEqual(new Set(['sms', 'register']));
});

test('every row that needs Emta to misbehave has a fault', () => {
  const needed =
    'B05 B06 B07 B08 B09 B12 B13 C02 C03 C04 C05 C08 C09 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 D01 D02 D03 D04 D05 ' +
    'D06 D07 D08 D09 D10 D11 D12 D13 D15 D16 E05 E06 E12 F05 F06 F07 F10 F11 F12 F13 G01 G02 G03 G04 G05 G06 G07 G08 ' +
    'G09 G10 G11 H01 H02 H03 H04 H05 H06 H07 H08 H09 H10 H11 H12 H13 H14 H15 H16 H17 H18 H19 H20 H21 H22 H23 H24 H25 ' +
    'H26 H27 H28 H29 H30 H31 H32 H33 H34 I01 I02 I03 I04 I05 I06 I07 I08 J09 K01 K02 K03 K04 K05 K06 K07 L01 L05 M01 ' +
    'M02 M03 M04 M05 M06 M07 M08 M09 M10';
  const served = new Set(faultCatalogue.flatMap(({ rows }) => rows));
  expect(needed.split(' ').filter((row) => !served.has(row))).toEqual([]);
});

test('what happens before the citizen is known cannot be armed for a number', () => {
  expect(faultById('authorization.refused_at_once').narrowest).toBe('client_id');
  expect(faultById('discovery.issuer_other').narrowest).toBe('issuer');
  expect(faultById('tls.certificate_untrusted').narrowest).toBe('issuer');
  expect(faultById('keys.used').narrowest).toBe('issuer');
  expect(faultById('id_token.nonce_wrong').narrowest).toBe('mobile');
});

test('an unknown id is refused with the nearest one', () => {
  expect(() => faultById('id_token.nonce_worng')).toThrow(
    expect.objectContaining({
      code: 'unknown_fault',
      message: 'unknown fault "id_token.nonce_worng", did you mean "id_token.nonce_wrong"?',
    }),
  );
  expect(() => faultById('nothing at all like one')).toThrow('unknown fault "nothing at all like one"');
});

test('describes faults as plain data', () => {
  const described = describeFaults().find(({ id }) => id === 'id_token.signed_hs256_public_key');
  expect(described).toEqual({
    id: 'id_token.signed_hs256_public_key',
    acts: ['id_token'],
    narrowest: 'mobile',
    breaks: 'RFC 8725 §2.1, §3.1',
    summary: "the ID token is signed with HS256, keyed by Emta's published key",
    rows: ['H23'],
    parameters: [
      {
        name: 'form',
        type: 'string',
        required: false,
        meaning: 'how the key becomes bytes',
        one_of: ['pem', 'der'],
        default: 'pem',
      },
    ],
  });
  expect(JSON.parse(JSON.stringify(describeFaults()))).toEqual(describeFaults());
});
