import { expect, test } from '@jest/globals';
import { freshEmta } from '../../test/fresh-emta.ts';

test.each([
  [{ count: 4_294_967_296 }, '"/count" must be <= 1000'],
  [{ count: 1, born_on: '1990-02-30' }, 'expected "born_on" to be a date like 1990-11-08, got "1990-02-30"'],
  [{ count: 1, born_on: '__proto__' }, 'expected "born_on" to be a date like 1990-11-08, got "__proto__"'],
])('refuses to draw %j', async (order, message) => {
  const emta = await freshEmta();
  const { status, body } = await emta.api().post('/_emta/v1/citizens/draw').send(order);
  expect([status, body]).toEqual([400, { error: 'bad_control_request', message }]);
});

test('says so when nobody is left to draw', async () => {
  const emta = await freshEmta({ population: 20 });
  const { status, body } = await emta.api().post('/_emta/v1/citizens/draw').send({ count: 100 });
  expect([status, body.error]).toEqual([409, 'no_more_citizens']);
  expect(body.message).toMatch(/^expected 100 people who fit, found \d+$/);
});
