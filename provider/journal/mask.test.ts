import { expect, test } from '@jest/globals';
import { hashOf, mask } from './mask.ts';

test('keeps no secret and of a person the outline, in members and in addresses', () => {
  expect(mask({ code: 'made-up', mobile: '+989070000101', name: 'مریم', verified: true, step: 'mobile' })).toEqual({
    code: hashOf('made-up'),
    mobile: '+98907***0101',
    name: '***',
    verified: true,
    step: 'mobile',
  });
  expect(mask('/cb?code=made-up&login_hint=%2B989070000101&state=x')).toBe(
    `/cb?code=${hashOf('made-up')}&login_hint=+98907***0101&state=x`,
  );
});

test('looks into bodies that are text', () => {
  const body = JSON.stringify({
    name: 'مریم',
    nested: { nationalCode: '9991001018' },
    list: [{ email: 'a@example.com' }],
  });
  expect(mask({ body })).toEqual({
    body: '{"name":"***","nested":{"nationalCode":"99***18"},"list":[{"email":"a@***om"}]}',
  });
});

test.each([
  ['a signed answer', 'eyJhbGciOiJSUzI1NiJ9.eyJuYXRpb25hbF9jb2RlIjoiOTk5MTAwMTAxOCJ9.c2ln'],
  ['JSON that a fault cut off', '{"name":"مریم","nationalCode":"9991001018"'],
  ['a form', 'name=x&national_code=9991001018'],
])('keeps length and hash of %s, which cannot be masked member by member', (_what, body) => {
  expect(mask({ body })).toEqual({ body: `(${body.length} characters, ${hashOf(body)})` });
});

test.each(['(a page)', ''])('leaves %j as it is', (body) => {
  expect(mask({ body })).toEqual({ body });
});
