import { expect, test } from '@jest/globals';
import { decide } from '../certification.ts';
import { chosenRows } from '../choose-rows.ts';
import { startEmbeddedEmta } from '../embedded.ts';
import { exitCodeOf, isConformanceError } from '../errors.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import type { RowVerdict } from '../verdict.ts';
import { nullParties } from './rps/null-parties.ts';
import { seedOf } from './seed.ts';

/** Enough to tell what each of them is; all rows of the profile for those that behave for a while. */
const few = ['A01', 'A02', 'A03', 'A04', 'A05', 'A07', 'B01', 'C01', 'C08', 'C15', 'F01', 'F03', 'G01', 'H04', 'J05'];
const many = [...few, 'C02', 'C03', 'C10', 'C11', 'C12', 'C13', 'C14'];

async function exitCodeFor(id: string): Promise<{ readonly code: number; readonly verdicts: readonly RowVerdict[] }> {
  const party = nullParties.find((one) => one.id === id);
  if (party === undefined) throw new Error(`expected a null relying party, got "${id}"`);
  const emta = await startEmbeddedEmta({ port: 0 });
  const started = await party.start({
    issuer: emta.issuer,
    clientId: 'nobody',
    clientSecret: 'made-up-secret',
    port: 0,
  });
  const only = id.startsWith('Z8') ? many : few;
  try {
    const rp = parseRelyingParty(JSON.stringify(started.file), 'emta-rp.json');
    const run = await openRun({
      rp,
      emta: emta.issuer,
      seed: seedOf('null'),
      profile: 'core-must',
      only,
      skipWaits: true,
    });
    const verdicts: RowVerdict[] = [];
    for (const row of run.rows) verdicts.push(await run.verdictOf(row.id));
    const { defects } = await run.close();
    const demanded = chosenRows('core-must', only).map((row) => row.id);
    return {
      code: decide({ profile: 'core-must', verdicts, demanded, partial: false, baseline: [], defects }).exitCode,
      verdicts,
    };
  } catch (error) {
    if (!isConformanceError(error)) throw error;
    return { code: exitCodeOf(error.code), verdicts: [] };
  } finally {
    await started.close();
    await emta.close();
  }
}

test.each(nullParties.map(({ id, what, exitCodes }) => [id, what, exitCodes] as const))(
  '%s is never certified: %s',
  async (id, _what, exitCodes) => {
    const { code } = await exitCodeFor(id);
    expect(exitCodes).toContain(code);
  },
  240_000,
);

test('a relying party that answers 500 fails A01, and everything else is inconclusive', async () => {
  const { verdicts } = await exitCodeFor('Z2');
  expect(verdicts.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual(['A01']);
  expect(verdicts.filter(({ id, verdict }) => id !== 'A01' && verdict !== 'inconclusive')).toEqual([]);
}, 60_000);
