import { expect, test } from '@jest/globals';
import { connectEmta } from '../driver/emta-control.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { judge, stageSaleSite } from './staged-site.ts';

const rows = ['A02', 'A03', 'A04', 'A05', 'A07'];

test.each([
  ['once', 1, { pass: rows }],
  ['every time', undefined, { fail: ['A02', 'A03', 'A05'], pass: ['A04'] }],
])(
  'a login that fails %s while the site is calibrated',
  async (_times, uses, expected) => {
    const { emta, fileText, close } = await stageSaleSite('http');
    const control = connectEmta(emta.issuer);
    try {
      const rp = parseRelyingParty(fileText, 'emta-rp.json');
      const once = uses === undefined ? {} : { uses };
      await control.arm('token.server_error', { issuer: true }, once);
      expect((await judge(rp, emta, rows)).rows).toMatchObject(expected);
    } finally {
      control.close();
      await close();
    }
  },
  60_000,
);
