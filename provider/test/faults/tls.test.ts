import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clockAt, systemClock } from '../../kernel/clock.ts';
import { type RunningEmta, startEmta } from '../../server.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { openCertificateAuthority } from '../../tls/certificate-authority.ts';
import { call } from './machine-call.ts';

const folder = mkdtempSync(join(tmpdir(), 'emta-tls-'));
let emta: RunningEmta;
let ca: string;
beforeAll(async () => {
  const authority = await openCertificateAuthority({ folder, clock: systemClock });
  ca = readFileSync(authority.caFile, 'utf8');
  emta = await startEmta({ port: 0, population: 1000, authority, store: createMemoryStore({ clock: clockAt(0) }) });
});
afterAll(async () => {
  await emta.close();
  rmSync(folder, { recursive: true });
});

const ask = () => call(`${emta.issuer}/.well-known/openid-configuration`, { ca });

test.each([
  [
    'tls.certificate_untrusted',
    ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ],
  ['tls.certificate_other_name', ['ERR_TLS_CERT_ALTNAME_INVALID']],
])('%s is what a careful peer refuses, for as many handshakes as it was armed for', async (fault, codes) => {
  expect(await ask()).toMatchObject({ kind: 'answered', status: 200 });
  const { id } = await emta.control.arming.arm({ fault, scope: { issuer: true }, uses: 1 });
  const refused = await ask();
  expect(refused.kind === 'cut' && codes).toContain(refused.kind === 'cut' && refused.code);
  expect((await emta.control.arming.get(id))?.delivered).toBe(1);
  expect(await ask()).toMatchObject({ kind: 'answered', status: 200 });
});
