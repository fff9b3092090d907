import { expect, test } from '@jest/globals';
import type { Json } from '../kernel/ports.ts';
import { issuer, refusal, sampleContext, samples } from '../test/fault-samples.ts';
import { faultById } from './catalogue.ts';
import type { AuthorizationAnswer } from './tamper.ts';

const success = samples.authorization_response;

async function tamper(
  id: string,
  parameters: Readonly<Record<string, Json>> = {},
  before: AuthorizationAnswer = success,
): Promise<AuthorizationAnswer> {
  const after = await faultById(id).tampers.authorization_response?.(before, sampleContext(parameters));
  if (!after) throw new TypeError(`expected "${id}" to act on the authorization response`);
  return after;
}

const iss = encodeURIComponent(issuer);

test.each([
  ['authorization.error', { error: 'emta_xyz' }, `state=a-state&iss=${iss}&error=emta_xyz`],
  [
    'authorization.error_with_code',
    { error: 'access_denied', error_description: 'no' },
    `code=a-code&state=a-state&iss=${iss}&error=access_denied&error_description=no`,
  ],
  ['authorization.neither_code_nor_error', {}, `state=a-state&iss=${iss}`],
  ['authorization.state_missing', {}, `code=a-code&iss=${iss}`],
  ['authorization.state_altered', {}, `code=a-code&state=a-statA&iss=${iss}`],
  ['authorization.state_altered', { value: 'bogus' }, `code=a-code&state=bogus&iss=${iss}`],
  ['authorization.state_empty', {}, `code=a-code&state=&iss=${iss}`],
  ['authorization.state_twice', {}, `code=a-code&state=a-state&iss=${iss}&state=a-state`],
  ['authorization.iss_missing', {}, 'code=a-code&state=a-state'],
  ['authorization.iss_other', {}, 'code=a-code&state=a-state&iss=https%3A%2F%2Fanother-issuer.invalid'],
  ['authorization.iss_trailing_slash', {}, `code=a-code&state=a-state&iss=${iss}%2F`],
  ['authorization.iss_other_case', {}, 'code=a-code&state=a-state&iss=http%3A%2F%2FLOCALHOST%3A4299'],
] as const)('%s %j sends %s', async (id, parameters, query) => {
  expect((await tamper(id, parameters)).params.toString()).toBe(query);
  expect(success.params.toString()).toBe(`code=a-code&state=a-state&iss=${iss}`);
});

test('authorization.error takes the place of a refusal, description and all', async () => {
  const { params } = await tamper(
    'authorization.error',
    { error: 'login_required', error_uri: 'javascript:alert(1)' },
    refusal,
  );
  expect(Object.fromEntries(params)).toEqual({
    state: 'a-state',
    iss: issuer,
    error: 'login_required',
    error_uri: 'javascript:alert(1)',
  });
});

test('authorization.description_missing leaves a bare refusal', async () => {
  const { params } = await tamper('authorization.description_missing', {}, refusal);
  expect(Object.fromEntries(params)).toEqual({ error: 'access_denied', state: 'a-state', iss: issuer });
});

test('a change that changes nothing is not delivered', async () => {
  expect(await tamper('authorization.description_missing')).toBe(success);
  expect(await tamper('authorization.error_with_code', {}, refusal)).toBe(refusal);
  const silent = { ...success, params: new URLSearchParams({ iss: issuer }) };
  expect(await tamper('authorization.state_missing', {}, silent)).toBe(silent);
  expect(await tamper('authorization.state_twice', {}, silent)).toBe(silent);
});

const request = {
  params: new URLSearchParams({ client_id: 'shop', redirect_uri: success.redirectUri, state: 'a-state' }),
  answer: { ...success, params: new URLSearchParams({ state: 'a-state', iss: issuer }) },
};

test('authorization.refused_at_once answers before the citizen sees a page', () => {
  const interruption = faultById('authorization.refused_at_once').tampers.authorization_request?.(
    request,
    sampleContext(),
  );
  expect(interruption).toEqual({
    kind: 'answer',
    answer: { ...success, params: new URLSearchParams({ state: 'a-state', iss: issuer, error: 'access_denied' }) },
  });
});

test('authorization.dropped cuts the connection', () => {
  const interruption = faultById('authorization.dropped').tampers.authorization_request?.(request, sampleContext());
  expect(interruption).toEqual({ kind: 'wire', wire: expect.objectContaining({ transport: 'reset' }) });
});

test('authorization.passed_on sends the browser to the honest issuer, as the client is known there', () => {
  const context = sampleContext({
    authorization_endpoint: 'https://honest.invalid/oauth/authorize',
    client_id: 'shop-there',
  });
  const interruption = faultById('authorization.passed_on').tampers.authorization_request?.(request, context);
  expect(interruption).toEqual({
    kind: 'wire',
    wire: {
      status: 303,
      headers: {
        location: `https://honest.invalid/oauth/authorize?client_id=shop-there&redirect_uri=${encodeURIComponent(success.redirectUri)}&state=a-state`,
      },
      body: '',
    },
  });
});
