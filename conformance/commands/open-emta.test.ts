import { expect, test } from '@jest/globals';
import { startEmbeddedEmta } from '../embedded.ts';
import { loadRelyingParty } from '../rp-file.ts';
import { madeRelyingParty } from '../test/made-seen.ts';
import { isToldIssuer, openEmta } from './open-emta.ts';

const saleSite = loadRelyingParty('conformance/sale-site/emta-rp.json');
const running = madeRelyingParty();
const io = { controlToken: undefined, env: {} };

test('says which Emta a run uses: one that runs, since when and with which seed, or its own', async () => {
  const theirs = await startEmbeddedEmta({ port: 0, seed: 'theirs' });
  const { issuer } = theirs;
  const words = new RegExp(`^the Emta that runs at ${issuer} is used, started \\d{4}-.*Z with seed "theirs"$`);
  try {
    const found = await openEmta(undefined, running, { controlToken: undefined, env: { EMTA_URL: issuer } });
    expect([found.isOurs, found.words]).toEqual([
      false,
      [expect.stringMatching(words), expect.stringContaining('if it is not yours, name another with --emta URL')],
    ]);
    const named = await openEmta(issuer, running, { controlToken: undefined, env: {} });
    expect(named.words).toEqual([expect.stringMatching(words)]);
  } finally {
    await theirs.close();
  }
  const own = await openEmta(undefined, running, { controlToken: undefined, env: { EMTA_URL: issuer } });
  try {
    expect([own.isOurs, own.words]).toEqual([
      true,
      [`an Emta was started for this run at ${issuer}, which ends with it`],
    ]);
  } finally {
    await own.close();
  }
});

test('runs that start their relying party have an Emta each', async () => {
  const [one, other] = await Promise.all([openEmta(undefined, saleSite, io), openEmta(undefined, saleSite, io)]);
  expect([one.isOurs, other.isOurs]).toEqual([true, true]);
  expect(one.issuer).not.toBe(other.issuer);
  await Promise.all([one.close(), other.close()]);
});

test('an Emta that is named is used, by option or by variable', async () => {
  const emta = await startEmbeddedEmta({ port: 0 });
  const used = { issuer: emta.issuer, isOurs: false };
  expect(await openEmta(emta.issuer, saleSite, io)).toMatchObject(used);
  expect(await openEmta(undefined, saleSite, { ...io, env: { EMTA_URL: `${emta.issuer}/` } })).toMatchObject(used);
  expect(await openEmta(undefined, running, { ...io, env: { EMTA_URL: emta.issuer } })).toMatchObject(used);
  await emta.close();
});

test('a relying party is told its issuer where each run starts it and hands it over', () => {
  const { launch, usesPort } = saleSite;
  if (launch === undefined) throw new Error('expected the sale site to be launched');
  const deaf = { usesPort, launch: { ...launch, env: {} } };
  const settled = { usesPort: false, launch };
  expect([saleSite, deaf, settled, running].map(isToldIssuer)).toEqual([true, false, false, false]);
});
