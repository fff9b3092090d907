import { brokenEndpoint } from './broken-endpoint.ts';
import { defineFault } from './define-fault.ts';
import { editJson } from './edit.ts';
import { withMember, withMembers, withoutMembers } from './members.ts';
import type { Fault } from './tamper.ts';

/** Faults of the token endpoint's answer, the ID token apart. */
export const tokenFaults: readonly Fault[] = [
  ...brokenEndpoint('token_response', {
    prefix: 'token',
    name: 'the token endpoint',
    refusal: { status: 400, error: 'invalid_grant' },
    rows: {
      error: ['G01', 'G02', 'G10'],
      server_error: ['G03'],
      hang: ['G04'],
      reset: ['G04'],
      slow: ['B12'],
      wrong_content_type: ['G09'],
      invalid_json: ['G09'],
      redirect: ['G11'],
    },
  }),
  defineFault({
    id: 'token.type',
    breaks: 'RFC 6749 §5.1, §7.1: token_type is case-insensitive',
    summary: 'the token answer names this token_type',
    rows: ['B07', 'G07'],
    parameters: { token_type: { type: 'string', required: true, meaning: 'for example bearer, BEARER or mac' } },
    tampers: (read) => ({
      token_response: (answer, context) =>
        editJson(answer, (members) => withMember(members, 'token_type', read(context).token_type)),
    }),
  }),
  defineFault({
    id: 'token.optional_members_missing',
    breaks: 'RFC 6749 §5.1: expires_in and scope may be left out',
    summary: 'the token answer holds neither expires_in nor scope',
    rows: ['B08'],
    parameters: {},
    tampers: () => ({
      token_response: (answer) => editJson(answer, (members) => withoutMembers(members, 'expires_in', 'scope')),
    }),
  }),
  defineFault({
    id: 'token.id_token_missing',
    breaks: 'OIDC Core §3.1.3.3',
    summary: 'the token answer holds no ID token',
    rows: ['G05'],
    parameters: {},
    tampers: () => ({
      token_response: (answer) => editJson(answer, (members) => withoutMembers(members, 'id_token')),
    }),
  }),
  defineFault({
    id: 'token.access_token_missing',
    breaks: 'RFC 6749 §5.1',
    summary: 'the token answer holds no access token',
    rows: ['G06'],
    parameters: {},
    tampers: () => ({
      token_response: (answer) => editJson(answer, (members) => withoutMembers(members, 'access_token')),
    }),
  }),
  defineFault({
    id: 'token.error_beside_tokens',
    breaks: 'RFC 6749 §5.2',
    summary: 'a token answer with status 200 holds an error as well',
    rows: ['G08'],
    parameters: {},
    tampers: () => ({
      token_response: (answer) =>
        editJson(answer, (members) =>
          withMembers(members, { error: 'invalid_grant', error_description: 'the grant was revoked' }),
        ),
    }),
  }),
];
