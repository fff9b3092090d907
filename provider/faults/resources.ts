import { brokenEndpoint } from './broken-endpoint.ts';
import { defineFault } from './define-fault.ts';
import { editJson } from './edit.ts';
import { membersOf, replaceMember, withoutMembers } from './members.ts';
import type { Fault } from './tamper.ts';

/** Faults of the resources that the plain OAuth face reads. */
export const resourceFaults: readonly Fault[] = [
  ...brokenEndpoint('resource_identity', {
    prefix: 'resource_identity',
    name: 'the identity resource',
    refusal: { status: 401, error: 'invalid_token' },
    rows: {
      error: ['M01'],
      server_error: ['M04'],
      hang: ['M04'],
      slow: ['B12'],
      invalid_json: ['M04'],
      html: ['M04'],
      redirect: ['M10'],
    },
  }),
  ...brokenEndpoint('resource_mobile', {
    prefix: 'resource_mobile',
    name: 'the mobile resource',
    refusal: { status: 401, error: 'invalid_token' },
    rows: {
      error: ['M02', 'M03'],
      server_error: ['M04'],
      hang: ['M04'],
      slow: ['B12'],
      invalid_json: ['M04'],
      html: ['M04'],
      redirect: ['M10'],
    },
  }),
  defineFault({
    id: 'resource_identity.of_other',
    breaks: 'scheme: a token reads the data of its own citizen',
    summary: 'the identity resource answers with the victim, the mobile resource with the citizen of the journey',
    rows: ['M05'],
    parameters: { victim: { type: 'string', required: true, meaning: 'national code of the victim' } },
    tampers: () => ({
      resource_identity: (answer, { victimIdentity }) =>
        victimIdentity === undefined ? answer : editJson(answer, () => membersOf(victimIdentity)),
    }),
  }),
  defineFault({
    id: 'resource_identity.empty',
    breaks: 'practice: a record may be empty',
    summary: 'the identity resource answers with an empty object',
    rows: ['M06'],
    parameters: {},
    tampers: () => ({ resource_identity: (answer) => editJson(answer, () => []) }),
  }),
  defineFault({
    id: 'resource_identity.national_code_missing',
    breaks: 'practice: a record may lack members',
    summary: 'the identity resource answers without the national code',
    rows: ['M06'],
    parameters: {},
    tampers: () => ({
      resource_identity: (answer) => editJson(answer, (members) => withoutMembers(members, 'nationalCode')),
    }),
  }),
  defineFault({
    id: 'resource_identity.names_null',
    breaks: 'practice: a record may lack members',
    summary: 'the identity resource answers with null for given and family name',
    rows: ['M06'],
    parameters: {},
    tampers: () => ({
      resource_identity: (answer) =>
        editJson(answer, (members) =>
          replaceMember(
            replaceMember(members, 'name', () => null),
            'family',
            () => null,
          ),
        ),
    }),
  }),
  defineFault({
    id: 'resource_identity.error_in_success',
    breaks: 'RFC 9110 §15.3.1: 200 means success',
    summary: 'the identity resource answers 200 with an error instead of the record',
    rows: ['M06'],
    parameters: {},
    tampers: () => ({
      resource_identity: (answer) =>
        editJson(answer, () => [
          ['error', 'server_error'],
          ['error_description', 'the record cannot be read'],
        ]),
    }),
  }),
];
