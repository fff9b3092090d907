import { defineFault } from './define-fault.ts';
import { editJson, editParams } from './edit.ts';
import { withoutMembers } from './members.ts';
import type { AuthorizationAnswer, Fault } from './tamper.ts';

const errorParameters = {
  error_description: { type: 'string', meaning: 'text for developers, left out unless given' },
  error_uri: { type: 'string', meaning: 'address of a page for developers, left out unless given' },
} as const;

/** The other of upper and lower case, of every letter behind the scheme. */
function otherCase(url: string): string {
  return url.replace(/^([a-z]+:\/\/)(.*)$/i, (_all, scheme: string, rest: string) => {
    const upper = rest.toUpperCase();
    return scheme + (upper === rest ? rest.toLowerCase() : upper);
  });
}

function asError(
  answer: AuthorizationAnswer,
  error: { readonly error: string; readonly error_description?: string; readonly error_uri?: string },
): AuthorizationAnswer {
  return editParams(answer, (params) => {
    for (const name of ['code', 'error', 'error_description', 'error_uri']) params.delete(name);
    for (const [name, value] of Object.entries(error)) params.set(name, value);
  });
}

/** Faults of what the browser carries back to the relying party. */
export const authorizationFaults: readonly Fault[] = [
  defineFault({
    id: 'authorization.error',
    breaks: 'RFC 6749 §4.1.2.1; OIDC Core §3.1.2.6',
    summary: 'Emta answers with this error instead of a code or of another error',
    rows: ['C11', 'C12', 'C13', 'C14', 'C15', 'C17', 'C18', 'C19', 'C20', 'D01', 'D02'],
    parameters: { error: { type: 'string', required: true, meaning: 'error code' }, ...errorParameters },
    tampers: (read) => ({ authorization_response: (answer, context) => asError(answer, read(context)) }),
  }),
  defineFault({
    id: 'authorization.refused_at_once',
    breaks: 'RFC 6749 §4.1.2.1',
    summary: 'Emta answers every authorization request with an error, before the citizen sees a page',
    rows: ['C16'],
    parameters: {
      error: { type: 'string', default: 'access_denied', meaning: 'error code' },
      ...errorParameters,
    },
    tampers: (read) => ({
      authorization_request: (request, context) => ({
        kind: 'answer',
        answer: asError(request.answer, read(context)),
      }),
    }),
  }),
  defineFault({
    id: 'authorization.dropped',
    breaks: 'practice: a provider may be down',
    summary: 'the authorization endpoint cuts the connection before it answers',
    rows: ['L01'],
    parameters: {},
    tampers: () => ({
      authorization_request: () => ({ kind: 'wire', wire: { status: 503, headers: {}, body: '', transport: 'reset' } }),
    }),
  }),
  defineFault({
    id: 'authorization.passed_on',
    breaks: 'RFC 9700 §4.4',
    summary:
      'a hostile issuer sends the browser on to an honest one, whose code then comes back to the login it started',
    rows: ['F13'],
    parameters: {
      authorization_endpoint: { type: 'string', required: true, meaning: "the honest issuer's authorization endpoint" },
      client_id: { type: 'string', required: true, meaning: 'how the honest issuer knows the relying party' },
    },
    tampers: (read) => ({
      authorization_request: (request, context) => {
        const { authorization_endpoint, client_id } = read(context);
        const params = new URLSearchParams(request.params);
        params.set('client_id', client_id);
        return {
          kind: 'wire',
          wire: { status: 303, headers: { location: `${authorization_endpoint}?${params}` }, body: '' },
        };
      },
    }),
  }),
  defineFault({
    id: 'authorization.description_missing',
    breaks: 'RFC 6749 §4.1.2.1: error_description is optional',
    summary: 'an error answer carries no error_description',
    rows: ['C03'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) => editParams(answer, (params) => params.delete('error_description')),
    }),
  }),
  defineFault({
    id: 'authorization.error_with_code',
    breaks: 'RFC 6749 §4.1.2.1',
    summary: 'an answer with a valid code holds an error as well',
    rows: ['C08'],
    parameters: {
      error: { type: 'string', default: 'access_denied', meaning: 'error code' },
      error_description: {
        type: 'string',
        default: 'consent_refused: the citizen refused',
        meaning: 'text for developers',
      },
    },
    tampers: (read) => ({
      authorization_response: (answer, context) => {
        if (!answer.params.has('code')) return answer;
        const { error, error_description } = read(context);
        return editParams(answer, (params) => {
          params.set('error', error);
          params.set('error_description', error_description);
        });
      },
    }),
  }),
  defineFault({
    id: 'authorization.neither_code_nor_error',
    breaks: 'RFC 6749 §4.1.2, §4.1.2.1',
    summary: 'an answer carries state and iss, and neither code nor error',
    rows: ['C09', 'D01'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) =>
        editParams(answer, (params) => {
          for (const name of ['code', 'error', 'error_description', 'error_uri']) params.delete(name);
        }),
    }),
  }),
  defineFault({
    id: 'authorization.page_instead',
    breaks: 'RFC 6749 §4.1.2.1: the citizen is to be sent back',
    summary: "the citizen stays on a page of Emta with a link to the relying party's own address",
    rows: ['D15'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) => ({ ...answer, mode: 'page', params: new URLSearchParams() }),
    }),
  }),
  defineFault({
    id: 'authorization.redirect_uri_other',
    breaks: 'RFC 6749 §4.1.3',
    summary: 'the answer goes to another redirect_uri than the one the code was issued for',
    rows: ['M08'],
    parameters: {
      redirect_uri: { type: 'string', required: true, meaning: 'the other registered redirect_uri of the client' },
    },
    tampers: (read) => ({
      authorization_response: (answer, context) => ({ ...answer, redirectUri: read(context).redirect_uri }),
    }),
  }),
  defineFault({
    id: 'authorization.state_missing',
    breaks: 'RFC 6749 §4.1.2',
    summary: 'the answer carries no state',
    rows: ['C04', 'F06'],
    parameters: {},
    tampers: () => ({ authorization_response: (answer) => editParams(answer, (params) => params.delete('state')) }),
  }),
  defineFault({
    id: 'authorization.state_altered',
    breaks: 'RFC 6749 §4.1.2',
    summary: 'the answer carries another state than the one sent',
    rows: ['C05', 'C18', 'F05'],
    parameters: {
      value: { type: 'string', meaning: 'what stands there; unless given, the state with its last character changed' },
    },
    tampers: (read) => ({
      authorization_response: (answer, context) => {
        const state = answer.params.get('state') ?? '';
        const altered = read(context).value ?? `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`;
        return editParams(answer, (params) => params.set('state', altered));
      },
    }),
  }),
  defineFault({
    id: 'authorization.state_empty',
    breaks: 'RFC 6749 §4.1.2',
    summary: 'the answer carries an empty state',
    rows: ['F07'],
    parameters: {},
    tampers: () => ({ authorization_response: (answer) => editParams(answer, (params) => params.set('state', '')) }),
  }),
  defineFault({
    id: 'authorization.state_twice',
    breaks: 'RFC 6749 §3.1: parameters are not to be included more than once',
    summary: 'the answer carries the state twice',
    rows: ['F07'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) => {
        const state = answer.params.get('state');
        return state === null ? answer : editParams(answer, (params) => params.append('state', state));
      },
    }),
  }),
  defineFault({
    id: 'authorization.iss_missing',
    breaks: 'RFC 9207 §2',
    summary: 'the answer carries no iss, although the metadata promise it',
    rows: ['F11'],
    parameters: {},
    tampers: () => ({ authorization_response: (answer) => editParams(answer, (params) => params.delete('iss')) }),
  }),
  defineFault({
    id: 'authorization.iss_unsupported',
    breaks: 'RFC 9207 §3: an issuer may not know iss',
    summary: 'Emta neither sends iss nor advertises it',
    rows: ['C02'],
    narrowest: 'issuer',
    parameters: {},
    tampers: () => ({
      authorization_response: (answer) => editParams(answer, (params) => params.delete('iss')),
      discovery: (answer) =>
        editJson(answer, (members) => withoutMembers(members, 'authorization_response_iss_parameter_supported')),
    }),
  }),
  defineFault({
    id: 'authorization.iss_other',
    breaks: 'RFC 9207 §2.4',
    summary: 'the answer names another issuer',
    rows: ['F10'],
    parameters: {
      issuer: { type: 'string', default: 'https://another-issuer.invalid', meaning: 'what iss holds' },
    },
    tampers: (read) => ({
      authorization_response: (answer, context) =>
        editParams(answer, (params) => params.set('iss', read(context).issuer)),
    }),
  }),
  defineFault({
    id: 'authorization.iss_trailing_slash',
    breaks: 'RFC 9207 §2.4; RFC 3986 §6.2.1',
    summary: 'iss in the answer ends in one more slash',
    rows: ['F12'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer, { issuer }) => editParams(answer, (params) => params.set('iss', `${issuer}/`)),
    }),
  }),
  defineFault({
    id: 'authorization.iss_other_case',
    breaks: 'RFC 9207 §2.4; RFC 3986 §6.2.1',
    summary: 'iss in the answer is in other letter case',
    rows: ['F12'],
    parameters: {},
    tampers: () => ({
      authorization_response: (answer, { issuer }) =>
        editParams(answer, (params) => params.set('iss', otherCase(issuer))),
    }),
  }),
];
