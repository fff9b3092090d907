import type { Json } from '../kernel/ports.ts';
import { brokenEndpoint } from './broken-endpoint.ts';
import { defineFault } from './define-fault.ts';
import { editUserinfo, isToken, resign } from './edit-userinfo.ts';
import { type JsonObject, type Members, memberOf, membersOf, withMember, withoutMembers } from './members.ts';
import type { Fault, Tampers } from './tamper.ts';

const victim = { victim: { type: 'string', required: true, meaning: 'national code of the victim' } } as const;

/** Userinfo made of the victim's claims and the subject that stood in it. */
const aboutVictim =
  (make: (claims: JsonObject, own: Json) => Members): NonNullable<Tampers['userinfo']> =>
  (answer, context) => {
    const { victimClaims } = context;
    if (victimClaims === undefined) return answer;
    return editUserinfo(answer, context, (claims) => make(victimClaims, memberOf(claims, 'sub') ?? null));
  };

/** Faults of the userinfo endpoint's answer. */
export const userinfoFaults: readonly Fault[] = [
  ...brokenEndpoint('userinfo', {
    prefix: 'userinfo',
    name: 'the userinfo endpoint',
    refusal: { status: 401, error: 'invalid_token' },
    rows: {
      error: ['D12', 'I04'],
      server_error: ['D12', 'I05'],
      hang: ['D12', 'I05'],
      slow: ['B12'],
      invalid_json: ['I05'],
    },
  }),
  defineFault({
    id: 'userinfo.sub_other',
    breaks: 'OIDC Core §5.3.2',
    summary: 'userinfo is about the victim, sub and all',
    rows: ['I01'],
    parameters: victim,
    tampers: () => ({
      userinfo: aboutVictim(membersOf),
    }),
  }),
  defineFault({
    id: 'userinfo.sub_missing',
    breaks: 'OIDC Core §5.3.2',
    summary: 'userinfo holds no sub',
    rows: ['I02'],
    parameters: {},
    tampers: () => ({
      userinfo: (answer, context) => editUserinfo(answer, context, (claims) => withoutMembers(claims, 'sub')),
    }),
  }),
  defineFault({
    id: 'userinfo.sub_array',
    breaks: 'OIDC Core §5.3.2: sub is a string',
    summary: "userinfo is about the victim, and its sub is an array that holds the own and the victim's",
    rows: ['I03'],
    parameters: victim,
    tampers: () => ({
      userinfo: aboutVictim((claims, own) => withMember(membersOf(claims), 'sub', [own, claims.sub ?? null])),
    }),
  }),
  defineFault({
    id: 'userinfo.sub_twice',
    breaks: 'OIDC Core §5.3.2; RFC 8259 §4',
    summary: "userinfo is about the victim and holds two subjects, the own first and the victim's last",
    rows: ['I03'],
    parameters: victim,
    tampers: () => ({
      userinfo: aboutVictim((claims, own) => [
        ['sub', own],
        ...withoutMembers(membersOf(claims), 'sub'),
        ['sub', claims.sub ?? null],
      ]),
    }),
  }),
  defineFault({
    id: 'userinfo.signature_foreign',
    breaks: 'OIDC Core §5.3.2; RFC 7515 §5.2',
    summary: "signed userinfo is signed by a key of the attacker under the name of Emta's",
    rows: ['I06'],
    parameters: {},
    tampers: () => ({
      userinfo: (answer, context) =>
        isToken(answer)
          ? resign(answer, context, (draft) => ({
              ...draft,
              header: { ...draft.header, alg: context.keys.foreign.alg },
              signing: { kind: 'key', key: context.keys.foreign },
            }))
          : answer,
    }),
  }),
  defineFault({
    id: 'userinfo.aud_other',
    breaks: 'OIDC Core §5.3.2',
    summary: 'signed userinfo is for another client',
    rows: ['I06'],
    parameters: { audience: { type: 'string', default: 'another-client-of-emta', meaning: 'what aud holds' } },
    tampers: (read) => ({
      userinfo: (answer, context) =>
        isToken(answer)
          ? resign(answer, context, (draft) => ({
              ...draft,
              claims: withMember(draft.claims, 'aud', read(context).audience),
            }))
          : answer,
    }),
  }),
];
