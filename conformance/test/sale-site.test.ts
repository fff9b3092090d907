import { expect, test } from '@jest/globals';
import { certifySaleSite } from './sale-site-run.ts';

test.each(['oidc', 'oauth2'] as const)(
  'the reference sale site has nothing red in any row, on the face %s',
  async (face) => {
    const { verdicts, facts } = await certifySaleSite({ face });
    const bad = [...verdicts.values()].filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(bad.map(({ id, because }) => `${id}: ${because.en}`)).toEqual([]);
    expect(facts.defects).toEqual([]);
    expect(facts.contradictions).toEqual([]);
  },
  600_000,
);
