import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// The library below looks for this polyfill when it is loaded, so it stands first.
import 'reflect-metadata';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A server that passes for Emta towards a relying party's back channel, with a certificate nobody should trust. */
export interface Impostor {
  /** The issuer to configure; its metadata lead here, save for the pages that citizens see. */
  readonly issuer: string;
  /** The authority that the relying party is told to trust. */
  readonly caFile: string;
  close(): Promise<void>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return ['-----BEGIN PRIVATE KEY-----', ...(bytes.match(/.{1,64}/g) ?? []), '-----END PRIVATE KEY-----', ''].join(
    '\n',
  );
}

async function authority(name: string, now: number) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }, { O: ['emta-mock, for tests only'] }],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return { keys, certificate };
}

/** A certificate by an authority outside `caFile`, or by that authority for another name. */
async function certificatesOf(kind: 'untrusted' | 'other-name', now: number) {
  const [trusted, stranger] = [
    await authority('Emta test authority', now),
    await authority('Nobody in particular', now),
  ];
  const signer = kind === 'untrusted' ? stranger : trusted;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names =
    kind === 'untrusted'
      ? [{ type: 'dns', value: 'localhost' } as const, { type: 'ip', value: '127.0.0.1' } as const]
      : [{ type: 'dns', value: 'another-name.example' } as const];
  const leaf = await X509CertificateGenerator.create({
    subject: [{ CN: ['impostor'] }],
    issuer: signer.certificate.subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [new BasicConstraintsExtension(false, undefined, true), new SubjectAlternativeNameExtension(names)],
  });
  return {
    ca: trusted.certificate.toString('pem'),
    cert: leaf.toString('pem'),
    key: await privateKeyPem(keys.privateKey),
  };
}

/** Every address of the metadata leads here. */
const leadingHere = (metadata: string, emta: string, here: string): string => metadata.replaceAll(emta, here);

export async function openImpostor(emta: string, kind: 'untrusted' | 'other-name', now: number): Promise<Impostor> {
  const { ca, cert, key } = await certificatesOf(kind, now);
  const folder = mkdtempSync(join(tmpdir(), 'emta-impostor-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, `${ca}\n`);
  const target = new URL(emta);
  const ask = target.protocol === 'https:' ? httpsRequest : httpRequest;
  let here = '';
  const server = createServer({ cert, key }, (request, response) => {
    // citizens go on to Emta itself: only the back channel is at stake
    if (new URL(request.url ?? '/', here).pathname.endsWith('/oauth/authorize')) {
      response.writeHead(303, { location: `${emta}${request.url}` }).end();
      return;
    }
    const outgoing = ask(
      {
        hostname: target.hostname,
        port: target.port,
        path: request.url,
        method: request.method,
        headers: { ...request.headers, host: target.host },
        ...(target.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          const isMetadata = request.url?.includes('/.well-known/') === true && answer.statusCode === 200;
          const sent = isMetadata ? leadingHere(body, emta, here) : body;
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
          response
            .writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': Buffer.byteLength(sent) })
            .end(sent);
        });
      },
    );
    outgoing.on('error', () => response.writeHead(502).end());
    request.pipe(outgoing);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  here = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    issuer: here,
    caFile,
    close: () =>
      new Promise((done, fail) => {
        rmSync(folder, { recursive: true, force: true });
        server.closeAllConnections();
        server.close((error) => (error === undefined ? done() : fail(error)));
      }),
  };
}
