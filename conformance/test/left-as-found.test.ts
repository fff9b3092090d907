import { expect, test } from '@jest/globals';
import { connectEmta } from '../driver/emta-control.ts';
import { startEmbeddedEmta } from '../embedded.ts';
import { loadRelyingParty, parseRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import { plainWithSimpleOauth2 } from './rps/plain.ts';
import { judge } from './staged-site.ts';

test('a site that runs with the same client signs in by it after the run of a copy on other ports', async () => {
  const emta = await startEmbeddedEmta({ port: 0 });
  const control = connectEmta(emta.issuer);
  try {
    const redirect_uris = ['http://localhost:4300/emta/callback'];
    await control.putClient({ client_id: 'ikco-sale-site', client_secret: 'made-up', redirect_uris });
    const before = await control.client('ikco-sale-site');
    expect(before).toMatchObject({ redirect_uris });
    const { rows } = await judge(loadRelyingParty('conformance/sale-site/emta-rp.json'), emta, ['B01']);
    expect(rows).toEqual({ pass: ['B01'] });
    expect(await control.client('ikco-sale-site')).toEqual(before);
  } finally {
    control.close();
    await emta.close();
  }
}, 60_000);

test('a logout that was asked blindly and turned away leaves J04 open, and says how to settle it', async () => {
  const emta = await startEmbeddedEmta({ port: 0 });
  const made = { issuer: emta.issuer, clientId: 'hidden-logout', clientSecret: 'made-up-secret', port: 0 };
  const { close, ...file } = await plainWithSimpleOauth2.start(made);
  try {
    const url = new URL('/no-logout-here', file.protected_url).href;
    const rp = parseRelyingParty(JSON.stringify({ ...file, logout_url: { url, method: 'POST' } }), 'emta-rp.json');
    const { rows, verdicts } = await judge(rp, emta, ['J04']);
    expect(rows).toEqual({ inconclusive: ['J04'] });
    expect(verdicts[0]?.because.en).toContain('logout_url answered 404, so nobody was logged out; to settle it');
  } finally {
    await close();
    await emta.close();
  }
}, 60_000);

test('a run whose client another run registered anew ends as a matter of set-up, and nobody is blamed', async () => {
  const emta = await startEmbeddedEmta({ port: 0 });
  const control = connectEmta(emta.issuer);
  const foreign = {
    client_id: 'ikco-sale-site',
    client_secret: 'made-up',
    redirect_uris: ['http://localhost:1/callback'],
  };
  try {
    let isTaken: Promise<void> | undefined;
    const run = await openRun({
      rp: loadRelyingParty('conformance/sale-site/emta-rp.json'),
      emta: emta.issuer,
      seed: 'two runs',
      profile: 'core-must',
      only: ['B01'],
      progress(line) {
        if (line.startsWith('B01')) isTaken = control.putClient(foreign);
      },
    });
    await run.verdictOf('B01');
    await isTaken;
    await expect(run.close()).rejects.toMatchObject({ code: 'client_replaced' });
    expect(await control.client('ikco-sale-site')).toMatchObject(foreign);
  } finally {
    control.close();
    await emta.close();
  }
}, 60_000);
