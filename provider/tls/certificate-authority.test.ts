import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adjustableClock, clockAt, systemClock } from '../kernel/clock.ts';
import { openCertificateAuthority, type ServerCertificate } from './certificate-authority.ts';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'emta-tls-')), 'data');
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

function open(clock = systemClock) {
  return openCertificateAuthority({ folder, clock });
}

/** What a client that trusts `ca` and asks for `name` makes of a server with this certificate. */
async function handshake({ cert, key }: ServerCertificate, name: string, ca?: string): Promise<string> {
  const server = createServer({ cert, key }, (socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = isIP(name) === 0 ? { servername: name } : {};
  const socket = connect({ host: '127.0.0.1', port, ...options, ...(ca === undefined ? {} : { ca }) });
  try {
    await once(socket, 'secureConnect');
    return 'trusted';
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

function caOf({ caFile }: ServerCertificate): string {
  return readFileSync(caFile, 'utf8');
}

describe('a certificate of the authority', () => {
  test.each(['localhost', '127.0.0.1'])('is trusted as %s by who has the authority', async (name) => {
    const certificate = await (await open()).certificateFor();
    expect(await handshake(certificate, name, caOf(certificate))).toBe('trusted');
  });

  test('is refused by who does not have the authority', async () => {
    const certificate = await (await open()).certificateFor();
    expect(await handshake(certificate, 'localhost')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('is refused under a name that it does not have, and trusted under one that was asked for', async () => {
    const authority = await open();
    const plain = await authority.certificateFor();
    expect(await handshake(plain, 'emta.test', caOf(plain))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const named = await authority.certificateFor(['EMTA.test', '*.shop.test', '10.0.0.7']);
    expect(await handshake(named, 'emta.test', caOf(named))).toBe('trusted');
    expect(await handshake(named, 'www.shop.test', caOf(named))).toBe('trusted');
    expect(new X509Certificate(named.cert).subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.shop.test, IP Address:10.0.0.7, DNS:emta.test',
    );
  });

  test.each(['', 'two words', 'a..b', 'http://a.test', '-a.test'])('is not made for "%s"', async (name) => {
    const authority = await open();
    await expect(authority.certificateFor([name])).rejects.toMatchObject({
      code: 'bad_option',
      message: `expected a host name or IP address, got "${name}"`,
    });
  });
});

describe('the impostors of the harness', () => {
  test('the untrusted certificate has the right names and is refused for its authority alone', async () => {
    const certificate = await (await open()).untrustedCertificate(['emta.test']);
    expect(await handshake(certificate, 'emta.test', caOf(certificate))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(new X509Certificate(certificate.cert).checkHost('emta.test')).toBe('emta.test');
  });

  test('the certificate for another name has the right authority and is refused for its name alone', async () => {
    const certificate = await (await open()).wrongNameCertificate();
    expect(await handshake(certificate, 'localhost', caOf(certificate))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await handshake(certificate, 'somewhere-else.invalid', caOf(certificate))).toBe('trusted');
  });

  test('they leave nothing in the folder', async () => {
    const authority = await open();
    const before = readdirSync(folder);
    await authority.untrustedCertificate();
    await authority.wrongNameCertificate();
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('what is kept', () => {
  test('private keys are for the eyes of the owner alone, the authority is for everybody', async () => {
    await (await open()).certificateFor();
    const modes = readdirSync(folder).map((file) => {
      const holdsKey = readFileSync(join(folder, file), 'utf8').includes('PRIVATE KEY');
      return { file: file.replace(/[0-9a-f]{16}/, '…'), holdsKey, mode: statSync(join(folder, file)).mode & 0o777 };
    });
    expect(modes).toEqual([
      { file: 'ca-with-key.pem', holdsKey: true, mode: 0o600 },
      { file: 'ca.pem', holdsKey: false, mode: 0o644 },
      { file: 'server-….pem', holdsKey: true, mode: 0o600 },
    ]);
  });

  test('is used again by the next run, certificate and authority', async () => {
    const first = await (await open()).certificateFor(['emta.test']);
    const again = await (await open()).certificateFor(['emta.test']);
    expect(again).toEqual(first);
    expect(caOf(again)).toBe(caOf(first));
  });

  test('a certificate about to run out is made anew under the same authority', async () => {
    const clock = adjustableClock(clockAt(systemClock.now()));
    const first = await (await open(clock)).certificateFor();
    const ca = caOf(first);
    clock.advance(380 * 86_400_000);
    expect((await (await open(clock)).certificateFor()).cert).toBe(first.cert);
    clock.advance(10 * 86_400_000);
    const next = await (await open(clock)).certificateFor();
    expect(next.cert).not.toBe(first.cert);
    expect(caOf(next)).toBe(ca);
    expect(Date.parse(new X509Certificate(next.cert).validTo)).toBeGreaterThan(clock.now() + 390 * 86_400_000);
  });

  test('an authority too old to sign is made anew, and its certificates with it', async () => {
    const clock = adjustableClock(clockAt(systemClock.now() - 3300 * 86_400_000));
    const first = await (await open(clock)).certificateFor();
    const ca = caOf(first);
    clock.advance(3300 * 86_400_000);
    const next = await (await open(clock)).certificateFor();
    expect(caOf(next)).not.toBe(ca);
    expect(await handshake(next, 'localhost', caOf(next))).toBe('trusted');
  });

  test('a certificate of an authority that was deleted is made anew', async () => {
    await (await open()).certificateFor();
    rmSync(join(folder, 'ca-with-key.pem'));
    const next = await (await open()).certificateFor();
    expect(await handshake(next, 'localhost', caOf(next))).toBe('trusted');
  });

  test('several processes that start at once end up with one authority', async () => {
    const authorities = await Promise.all(Array.from({ length: 6 }, () => open()));
    const certificates = await Promise.all(authorities.map((authority) => authority.certificateFor()));
    const outcomes = await Promise.all(
      certificates.map((certificate) => handshake(certificate, 'localhost', caOf(certificate))),
    );
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'trusted'));
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test.each([
    ['nothing', ''],
    ['text', 'not a certificate'],
    [
      'a broken certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    ],
  ])('a file that holds %s is refused and left alone', async (_what, text) => {
    await open();
    const file = join(folder, 'ca-with-key.pem');
    writeFileSync(file, text);
    await expect(open()).rejects.toMatchObject({
      code: 'bad_option',
      message: `expected "${file}" to hold a certificate and its private key, got something else`,
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
