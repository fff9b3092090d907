import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { EmtaError } from '../kernel/errors.ts';
import type { Clock } from '../kernel/ports.ts';
import { type KeptCertificate, keepCertificate, readKept } from './kept-certificate.ts';

/** What a TLS server needs, and the file that those who are to trust it need. */
export interface ServerCertificate {
  /** The certificate of the authority, PEM: for `NODE_EXTRA_CA_CERTS`, `--cacert`, a trust store. */
  readonly caFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateAuthority {
  readonly caFile: string;
  /** For localhost, 127.0.0.1, ::1 and the given names; the same one again while it is valid. */
  certificateFor(names?: readonly string[]): Promise<ServerCertificate>;
  /** For the same names, but signed by an authority that nobody trusts and that exists nowhere. */
  untrustedCertificate(names?: readonly string[]): Promise<ServerCertificate>;
  /** Signed by this authority, but for a name that no server here has. */
  wrongNameCertificate(): Promise<ServerCertificate>;
}

const day = 86_400_000;
const authorityDays = 3650;
/** Browsers refuse certificates of servers that live longer than 398 days. */
const serverDays = 397;
/** A server's certificate with less than this left is made anew. */
const marginDays = 7;
const alwaysNamed = ['localhost', '127.0.0.1', '::1'] as const;
const wrongName = 'somewhere-else.invalid';
const hostName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Opens the authority kept in a folder, making both on first use. Private keys are for the owner's eyes alone. The
 * clock has to be the machine's own, because those who check certificates go by theirs.
 */
export async function openCertificateAuthority({
  folder,
  clock,
}: {
  readonly folder: string;
  readonly clock: Clock;
}): Promise<CertificateAuthority> {
  mkdirSync(folder, { recursive: true });
  const caFile = join(folder, 'ca.pem');
  const authority = await openAuthority(join(folder, 'ca-with-key.pem'), clock);
  publish(caFile, authority.cert);

  return {
    caFile,
    async certificateFor(names = []) {
      const all = checkedNames(names);
      const digest = createHash('sha256').update(all.join(' ')).digest('hex').slice(0, 16);
      const file = join(folder, `server-${digest}.pem`);
      const kept = readKept(file);
      if (kept !== undefined && isServing(kept, authority, clock)) return { caFile, ...kept };
      const issued = await issueFor(authority, all, clock);
      keepCertificate(file, issued, false);
      return { caFile, ...issued };
    },
    async untrustedCertificate(names = []) {
      const stranger = await newAuthority(clock);
      return { caFile, ...(await issueFor(stranger, checkedNames(names), clock)) };
    },
    async wrongNameCertificate() {
      return { caFile, ...(await issueFor(authority, [wrongName], clock)) };
    },
  };
}

async function openAuthority(file: string, clock: Clock): Promise<KeptCertificate> {
  const kept = readKept(file);
  // None of the servers' certificates may outlive the authority.
  if (kept !== undefined && isValidFor(kept, serverDays, clock)) return kept;
  keepCertificate(file, await newAuthority(clock), kept === undefined);
  const written = readKept(file);
  if (written === undefined) throw new EmtaError('bad_option', `expected "${file}" to stay, got it deleted`);
  return written;
}

async function newAuthority(clock: Clock): Promise<KeptCertificate> {
  const { issueAuthority } = await import('./issue.ts');
  // Trust stores tell authorities apart by name.
  const name = `emta-mock authority ${randomBytes(4).toString('hex')}`;
  return issueAuthority(name, validity(authorityDays, clock));
}

async function issueFor(authority: KeptCertificate, names: readonly string[], clock: Clock): Promise<KeptCertificate> {
  const { issueServer } = await import('./issue.ts');
  return issueServer(authority, names, validity(serverDays - 1, clock));
}

/** Begins a day early, for those whose clock is behind. */
function validity(days: number, clock: Clock): { readonly from: Date; readonly until: Date } {
  const now = clock.now();
  return { from: new Date(now - day), until: new Date(now + days * day) };
}

function isServing(kept: KeptCertificate, authority: KeptCertificate, clock: Clock): boolean {
  const isOurs = new X509Certificate(kept.cert).verify(new X509Certificate(authority.cert).publicKey);
  return isOurs && isValidFor(kept, marginDays, clock);
}

function isValidFor(kept: KeptCertificate, days: number, clock: Clock): boolean {
  const { validFrom, validTo } = new X509Certificate(kept.cert);
  const now = clock.now();
  return Date.parse(validFrom) <= now && Date.parse(validTo) >= now + days * day;
}

function checkedNames(names: readonly string[]): readonly string[] {
  const lower = names.map((name) => name.toLowerCase());
  for (const name of lower) {
    if (isIP(name) === 0 && !hostName.test(name)) {
      throw new EmtaError('bad_option', `expected a host name or IP address, got "${name}"`);
    }
  }
  return [
    ...alwaysNamed,
    ...[...new Set(lower)].filter((name) => !alwaysNamed.some((always) => always === name)).sort(),
  ];
}

/** Lays the public certificate where others read it, whole at any moment. */
function publish(file: string, cert: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === cert) return;
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, cert, { mode: 0o644, flag: 'wx' });
  renameSync(draft, file);
}
