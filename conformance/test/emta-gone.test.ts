import { expect, test } from '@jest/globals';
import { startEmbeddedEmta } from '../embedded.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import { plainWithSimpleOauth2 } from './rps/plain.ts';

test('an Emta that goes away during a run ends it at once, as set-up and not as a defect of anybody', async () => {
  const emta = await startEmbeddedEmta({ port: 0 });
  const made = { issuer: emta.issuer, clientId: 'left-alone', clientSecret: 'made-up-secret', port: 0 };
  const { close, ...file } = await plainWithSimpleOauth2.start(made);
  let gone: Promise<void> | undefined;
  try {
    const run = await openRun({
      rp: parseRelyingParty(JSON.stringify(file), 'emta-rp.json'),
      emta: emta.issuer,
      seed: 'gone',
      profile: 'core-must',
      only: ['C01', 'C15', 'F01', 'F03', 'J05'],
      concurrency: 1,
      progress: (line) => {
        if (/^[A-Z]\d\d /.test(line)) gone ??= emta.close();
      },
    });
    await expect(run.close()).rejects.toMatchObject({
      code: 'emta_unreachable',
      message: expect.stringContaining(`expected Emta at ${emta.issuer} to answer until the run ends`),
    });
  } finally {
    await close();
    await (gone ?? emta.close());
  }
}, 60_000);
