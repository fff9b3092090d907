import { defineFault } from './define-fault.ts';
import { editClaims } from './edit.ts';
import { memberOf, withMember, withMembers, withoutMembers } from './members.ts';
import type { Fault, TamperContext } from './tamper.ts';

const another = 'another-client-of-emta';

function seconds(context: TamperContext): number {
  return Math.floor(context.now / 1000);
}

/** Faults of what the ID token says; it is signed soundly. */
export const idTokenClaimFaults: readonly Fault[] = [
  defineFault({
    id: 'id_token.iss_other',
    breaks: 'OIDC Core §3.1.3.7(2)',
    summary: 'the ID token names another issuer',
    rows: ['H01'],
    parameters: { issuer: { type: 'string', default: 'https://another-issuer.invalid', meaning: 'what iss holds' } },
    tampers: (read) => ({
      id_token: (draft, context) => editClaims(draft, (claims) => withMember(claims, 'iss', read(context).issuer)),
    }),
  }),
  defineFault({
    id: 'id_token.iss_trailing_slash',
    breaks: 'OIDC Core §3.1.3.7(2), §16.15',
    summary: 'iss of the ID token ends in one more slash',
    rows: ['H02'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { issuer }) => editClaims(draft, (claims) => withMember(claims, 'iss', `${issuer}/`)),
    }),
  }),
  defineFault({
    id: 'id_token.aud_array',
    breaks: 'OIDC Core §2: aud may be an array',
    summary: 'aud of the ID token is an array that holds the client_id alone',
    rows: ['B06'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { clientId }) => editClaims(draft, (claims) => withMember(claims, 'aud', [clientId])),
    }),
  }),
  defineFault({
    id: 'id_token.aud_other',
    breaks: 'OIDC Core §3.1.3.7(3)',
    summary: 'the ID token is for another client',
    rows: ['H04'],
    parameters: { audience: { type: 'string', default: another, meaning: 'what aud holds' } },
    tampers: (read) => ({
      id_token: (draft, context) => editClaims(draft, (claims) => withMember(claims, 'aud', read(context).audience)),
    }),
  }),
  defineFault({
    id: 'id_token.aud_additional',
    breaks: 'OIDC Core §3.1.3.7(3)',
    summary: 'aud of the ID token holds the client_id and another party, with no azp',
    rows: ['H06'],
    parameters: { audience: { type: 'string', default: another, meaning: 'the other party' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) =>
          withMember(withoutMembers(claims, 'azp'), 'aud', [context.clientId, read(context).audience]),
        ),
    }),
  }),
  defineFault({
    id: 'id_token.azp_other',
    breaks: 'OIDC Core §3.1.3.7(5)',
    summary: 'azp of the ID token names another client',
    rows: ['H07'],
    parameters: { client_id: { type: 'string', default: another, meaning: 'what azp holds' } },
    tampers: (read) => ({
      id_token: (draft, context) => editClaims(draft, (claims) => withMember(claims, 'azp', read(context).client_id)),
    }),
  }),
  ...(
    [
      ['iss', 'H03', 'OIDC Core §2'],
      ['aud', 'H05', 'OIDC Core §2'],
      ['exp', 'H10', 'OIDC Core §2'],
      ['iat', 'H11', 'OIDC Core §2'],
      ['sub', 'H15', 'OIDC Core §2'],
      ['nonce', 'H18', 'OIDC Core §3.1.3.7(11)'],
      ['acr', 'H31', 'OIDC Core §3.1.3.7(12)'],
      ['auth_time', 'H32', 'OIDC Core §3.1.3.7(13)'],
    ] as const
  ).map(([claim, row, breaks]) =>
    defineFault({
      id: `id_token.${claim}_missing`,
      breaks,
      summary: `the ID token holds no ${claim}`,
      rows: [row],
      parameters: {},
      tampers: () => ({ id_token: (draft) => editClaims(draft, (claims) => withoutMembers(claims, claim)) }),
    }),
  ),
  defineFault({
    id: 'id_token.expired',
    breaks: 'OIDC Core §3.1.3.7(9)',
    summary: 'the ID token has expired',
    rows: ['H08', 'H09'],
    parameters: { seconds_ago: { type: 'number', default: 600, meaning: 'how long ago' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'exp', seconds(context) - read(context).seconds_ago)),
    }),
  }),
  defineFault({
    id: 'id_token.short_lived',
    breaks: 'OIDC Core §2: the lifetime is for the issuer to choose',
    summary: 'the ID token expires soon',
    rows: ['J09'],
    parameters: { seconds: { type: 'number', default: 60, meaning: 'how soon' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'exp', seconds(context) + read(context).seconds)),
    }),
  }),
  defineFault({
    id: 'id_token.iat_future',
    breaks: 'OIDC Core §3.1.3.7(10)',
    summary: 'the ID token says it was issued in the future',
    rows: ['H12'],
    parameters: { seconds_ahead: { type: 'number', default: 3600, meaning: 'how far ahead' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'iat', seconds(context) + read(context).seconds_ahead)),
    }),
  }),
  defineFault({
    id: 'id_token.iat_old',
    breaks: 'OIDC Core §3.1.3.7(10)',
    summary: 'the ID token says it was issued long ago, and has not expired',
    rows: ['H13'],
    parameters: { seconds_ago: { type: 'number', default: 604_800, meaning: 'how long ago' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'iat', seconds(context) - read(context).seconds_ago)),
    }),
  }),
  defineFault({
    id: 'id_token.nbf_future',
    breaks: 'RFC 7519 §4.1.5',
    summary: 'the ID token is not valid yet',
    rows: ['H14'],
    parameters: { seconds_ahead: { type: 'number', default: 3600, meaning: 'how far ahead nbf lies' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'nbf', seconds(context) + read(context).seconds_ahead)),
    }),
  }),
  defineFault({
    id: 'id_token.sub_empty',
    breaks: 'OIDC Core §2',
    summary: 'the subject of the ID token is an empty string',
    rows: ['H15'],
    parameters: {},
    tampers: () => ({ id_token: (draft) => editClaims(draft, (claims) => withMember(claims, 'sub', '')) }),
  }),
  defineFault({
    id: 'id_token.sub_malformed',
    breaks: 'OIDC Core §2: at most 255 ASCII characters',
    summary: 'the subject of the ID token is not a subject',
    rows: ['H16'],
    parameters: {
      form: {
        type: 'string',
        oneOf: ['number', 'long', 'nul'],
        required: true,
        meaning: 'a number, 300 characters, or its own with NUL in the middle',
      },
    },
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { form } = read(context);
        const own = String(memberOf(draft.claims, 'sub') ?? '');
        const middle = Math.ceil(own.length / 2);
        const sub = {
          number: 4299,
          long: own.padEnd(300, 'x'),
          nul: `${own.slice(0, middle)}\u0000${own.slice(middle)}`,
        }[form];
        return editClaims(draft, (claims) => withMember(claims, 'sub', sub));
      },
    }),
  }),
  defineFault({
    id: 'id_token.sub_twice',
    breaks: 'RFC 7519 §4: claim names must be unique',
    summary: "the ID token holds two subjects, the victim's first and the own last",
    rows: ['H34'],
    parameters: { victim: { type: 'string', required: true, meaning: 'national code of the victim' } },
    tampers: () => ({
      id_token: (draft, { victimClaims }) => {
        const sub = victimClaims?.sub;
        return sub === undefined ? draft : { ...draft, claims: [['sub', sub], ...draft.claims] };
      },
    }),
  }),
  defineFault({
    id: 'id_token.nonce_wrong',
    breaks: 'OIDC Core §3.1.3.7(11)',
    summary: 'the ID token carries another nonce than the one sent',
    rows: ['H17'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { random }) => editClaims(draft, (claims) => withMember(claims, 'nonce', random.id())),
    }),
  }),
  defineFault({
    id: 'id_token.nonce_previous',
    breaks: 'OIDC Core §3.1.3.7(11), §15.5.2',
    summary: "the ID token carries the nonce of this citizen's login before",
    rows: ['H19'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { journey }) => {
        const nonce = journey.previousNonce;
        return nonce === undefined ? draft : editClaims(draft, (claims) => withMember(claims, 'nonce', nonce));
      },
    }),
  }),
  defineFault({
    id: 'id_token.at_hash_wrong',
    breaks: 'OIDC Core §3.1.3.8',
    summary: 'at_hash of the ID token belongs to another access token',
    rows: ['H30'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { random }) => editClaims(draft, (claims) => withMember(claims, 'at_hash', random.id())),
    }),
  }),
  defineFault({
    id: 'id_token.acr_lower',
    breaks: 'OIDC Core §3.1.3.7(12)',
    summary: 'the ID token names a lower level than the one asked for',
    rows: ['H31'],
    parameters: { acr: { type: 'string', default: '0', meaning: 'what acr holds' } },
    tampers: (read) => ({
      id_token: (draft, context) => editClaims(draft, (claims) => withMember(claims, 'acr', read(context).acr)),
    }),
  }),
  defineFault({
    id: 'id_token.auth_time_old',
    breaks: 'OIDC Core §3.1.3.7(13)',
    summary: 'the ID token says the citizen signed in long ago',
    rows: ['H32'],
    parameters: { seconds_ago: { type: 'number', default: 86_400, meaning: 'how long ago' } },
    tampers: (read) => ({
      id_token: (draft, context) =>
        editClaims(draft, (claims) => withMember(claims, 'auth_time', seconds(context) - read(context).seconds_ago)),
    }),
  }),
  defineFault({
    id: 'id_token.of_other_client',
    breaks: 'OIDC Core §3.1.3.7(3)',
    summary: "a sound ID token that Emta made for the attacker's client, who asked with this login's nonce",
    rows: ['H33'],
    parameters: { client_id: { type: 'string', default: another, meaning: "the attacker's client" } },
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { client_id } = read(context);
        return editClaims(draft, (claims) =>
          withMembers(withoutMembers(claims, 'at_hash', 's_hash', 'c_hash'), { aud: client_id, azp: client_id }),
        );
      },
    }),
  }),
  defineFault({
    id: 'id_token.large',
    breaks: 'OIDC Core §2: an ID token may hold other claims',
    summary: 'the ID token is large, by one claim of filling',
    rows: ['B13'],
    parameters: { bytes: { type: 'number', default: 8192, meaning: 'length of the whole token, about' } },
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { bytes } = read(context);
        return editClaims(draft, (claims) => withMember(claims, 'filling', 'x'.repeat(Math.ceil(bytes * 0.75))));
      },
    }),
  }),
  ...(
    [
      ['behind', -1],
      ['ahead', 1],
    ] as const
  ).map(([direction, sign]) =>
    defineFault({
      id: `clock.${direction}`,
      breaks: 'OIDC Core §3.1.3.7(9): allow for clock skew',
      summary: `the issuer's clock is ${direction}: every time in the ID token is shifted`,
      rows: ['L05'],
      parameters: { seconds: { type: 'number', default: 120, meaning: 'by how much' } },
      tampers: (read) => ({
        id_token: (draft, context) => {
          const shift = sign * read(context).seconds;
          return editClaims(draft, (claims) =>
            claims.map(([name, value]) =>
              ['iat', 'exp', 'nbf', 'auth_time'].includes(name) && typeof value === 'number'
                ? ([name, value + shift] as const)
                : ([name, value] as const),
            ),
          );
        },
      }),
    }),
  ),
];
