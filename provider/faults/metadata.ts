import { brokenEndpoint } from './broken-endpoint.ts';
import { defineFault } from './define-fault.ts';
import { editJson, editParams } from './edit.ts';
import { withMember, withMembers } from './members.ts';
import { publishKey } from './publish-key.ts';
import type { Fault, SigningKey, TokenDraft, WireAnswer } from './tamper.ts';

/** Where the token endpoint answers as well while `discovery.token_endpoint_moved` is armed. */
export const movedTokenPath = '/service/v2/oauth/token';

const unknown = { emta_unknown: { nested: [1, 'two', null] } };

function withUnknownMembers(answer: WireAnswer): WireAnswer {
  return editJson(answer, (members) => withMembers(members, unknown));
}

const keyParameter = {
  key: { type: 'string', default: 'next', meaning: 'label of a key that is made when first named; one for each case' },
} as const;

const signedWith = (draft: TokenDraft, key: SigningKey): TokenDraft => ({
  ...draft,
  header: { ...draft.header, alg: key.alg, kid: key.kid },
  signing: { kind: 'key', key },
});

/** Faults of discovery and of the key set, and those that show in every answer. */
export const metadataFaults: readonly Fault[] = [
  defineFault({
    id: 'discovery.issuer_other',
    breaks: 'OIDC Discovery §4.3',
    summary: 'the metadata name another issuer',
    rows: ['K01'],
    parameters: { issuer: { type: 'string', default: 'https://another-issuer.invalid', meaning: 'what issuer holds' } },
    tampers: (read) => ({
      discovery: (answer, context) =>
        editJson(answer, (members) => withMember(members, 'issuer', read(context).issuer)),
    }),
  }),
  ...(
    [
      ['s256_and_plain', 'E05', ['plain', 'S256'], 'plain and S256'],
      ['plain_only', 'E06', ['plain'], 'plain alone'],
    ] as const
  ).map(([name, row, methods, words]) =>
    defineFault({
      id: `discovery.${name}`,
      breaks: 'RFC 7636 §7.2; RFC 9700 §2.1.1',
      summary: `the metadata offer ${words} as code challenge methods`,
      rows: [row],
      parameters: {},
      tampers: () => ({
        discovery: (answer) =>
          editJson(answer, (members) => withMember(members, 'code_challenge_methods_supported', methods)),
      }),
    }),
  ),
  defineFault({
    id: 'discovery.token_endpoint_moved',
    breaks: 'OIDC Discovery §4.2: metadata may change',
    summary: 'the metadata name another token endpoint of Emta',
    rows: ['K07'],
    parameters: {},
    tampers: () => ({
      discovery: (answer, { issuer }) =>
        editJson(answer, (members) => withMember(members, 'token_endpoint', `${issuer}${movedTokenPath}`)),
    }),
  }),
  ...brokenEndpoint('discovery', {
    prefix: 'discovery',
    name: 'discovery',
    refusal: { status: 503, error: 'temporarily_unavailable' },
    rows: { reset: ['L01'] },
  }),
  ...brokenEndpoint('jwks', {
    prefix: 'jwks',
    name: 'the key set',
    refusal: { status: 503, error: 'temporarily_unavailable' },
    rows: { server_error: ['K05'] },
  }),
  defineFault({
    id: 'keys.announced',
    breaks: 'OIDC Core §10.1.1: keys are rotated',
    summary: 'another key stands in the key set and signs nothing yet',
    rows: ['K02', 'K04'],
    parameters: keyParameter,
    tampers: (read) => ({
      jwks: async (answer, context) => publishKey(answer, await context.keys.named(read(context).key)),
    }),
  }),
  defineFault({
    id: 'keys.used',
    breaks: 'OIDC Core §10.1.1: keys are rotated',
    summary: 'another key stands in the key set and signs; without keys.announced before it the rotation is abrupt',
    rows: ['K02', 'K03', 'K04'],
    narrowest: 'issuer',
    parameters: keyParameter,
    tampers: (read) => ({
      jwks: async (answer, context) => publishKey(answer, await context.keys.named(read(context).key)),
      id_token: async (draft, context) => signedWith(draft, await context.keys.named(read(context).key)),
    }),
  }),
  defineFault({
    id: 'keys.withdrawn',
    breaks: 'OIDC Core §10.1.1, §3.1.3.7(6)',
    summary: 'the ID token is signed by a key that is no longer in the key set',
    rows: ['K04'],
    parameters: keyParameter,
    tampers: (read) => ({
      id_token: async (draft, context) => signedWith(draft, await context.keys.named(read(context).key)),
    }),
  }),
  defineFault({
    id: 'answers.unknown_members',
    breaks: 'RFC 6749 §4.1.2, §5.1: unknown ones are to be ignored',
    summary: 'foo=bar and session_state stand in the callback, and unknown members in every JSON answer',
    rows: ['B05'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) =>
        editParams(answer, (params) => {
          params.set('foo', 'bar');
          params.set('session_state', 'emta.unknown');
        }),
      token_response: withUnknownMembers,
      userinfo: withUnknownMembers,
      resource_identity: withUnknownMembers,
      resource_mobile: withUnknownMembers,
      discovery: withUnknownMembers,
      jwks: withUnknownMembers,
    }),
  }),
];
