import { expect, test } from '@jest/globals';
import { startEmbeddedEmta } from '../embedded.ts';
import { openEmta } from './open-emta.ts';

test('says which Emta a run uses: one that runs, since when and with which seed, or its own', async () => {
  const theirs = await startEmbeddedEmta({ port: 0, seed: 'theirs' });
  const { issuer } = theirs;
  const running = new RegExp(`^the Emta that runs at ${issuer} is used, started \\d{4}-.*Z with seed "theirs"$`);
  try {
    const found = await openEmta(undefined, { controlToken: undefined, env: { EMTA_URL: issuer } });
    expect([found.isOurs, found.words]).toEqual([
      false,
      [expect.stringMatching(running), expect.stringContaining('if it is not yours, name another with --emta URL')],
    ]);
    const named = await openEmta(issuer, { controlToken: undefined, env: {} });
    expect(named.words).toEqual([expect.stringMatching(running)]);
  } finally {
    await theirs.close();
  }
  const own = await openEmta(undefined, { controlToken: undefined, env: { EMTA_URL: issuer } });
  try {
    expect([own.isOurs, own.words]).toEqual([
      true,
      [`an Emta was started for this run at ${issuer}, which ends with it`],
    ]);
  } finally {
    await own.close();
  }
});
