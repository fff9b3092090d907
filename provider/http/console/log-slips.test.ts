import { expect, test } from '@jest/globals';
import { freshEmta, site } from '../../test/fresh-emta.ts';
import { redeem } from '../../test/wire.ts';

test('the log says in words what a relying party did wrong, and holds no secret', async () => {
  const warned: (readonly [fields: object, message: string])[] = [];
  const log = {
    info: () => undefined,
    warn: (fields: object, message: string) => void warned.push([fields, message]),
    error: () => undefined,
  };
  const emta = await freshEmta({ log });
  const code = 'a-code-of-somebody';
  await redeem(emta, code);
  expect(warned.at(-1)).toEqual([
    {
      endpoint: 'token',
      client_id: site.client_id,
      rule: 'RFC 6749 section 4.1.3',
      expected: ['a code that Emta sent to this client'],
      received: [expect.stringMatching(/^code=sha256:/)],
      likely_cause: 'The code was cut or decoded twice, or comes from another Emta or from before a reset.',
    },
    'Nobody was given this code',
  ]);
  expect(JSON.stringify(warned)).not.toContain(code);
  const { exchanges } = await emta.control('get', `/exchanges?client_id=${site.client_id}`);
  expect(exchanges.at(-1).explanation).toEqual({
    kind: 'code_unknown',
    rule: 'RFC 6749 section 4.1.3',
    expected: [],
    received: [`code=${code}`],
  });
});
