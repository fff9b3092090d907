import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type EmbeddedEmta, saleSiteClient, startEmbeddedEmta } from '../conformance/embedded.ts';
import { createSaleSite } from '../conformance/sale-site/create.ts';
import { stderrLog } from '../provider/stderr-log.ts';
import { asked, refuse } from './asked.ts';

const help = `Starts Emta and the sale site on this machine.

  npm start -- [--emta-port 4299] [--site-port 4300]
`;

/** The personas to begin with; the rest stands in the README and at /_emta/. */
const shown = ['married-woman', 'refuser', 'not-owner', 'inactive-line', 'wrong-birthday', 'minor', 'enrolled'];

const { values } = asked(help, {
  options: { 'emta-port': { type: 'string', default: '4299' }, 'site-port': { type: 'string', default: '4300' } },
});
const emtaPort = portOf('--emta-port', values['emta-port']);
const sitePort = portOf('--site-port', values['site-port']);
const site = createServer();
await listen(site, sitePort, '--site-port');
const baseUrl = `http://localhost:${sitePort}`;
const client = saleSiteClient(baseUrl);
const emta = await startEmta();
const people = emta.personas
  .filter(({ id }) => id === 'member')
  .flatMap(({ citizen, line }) => (citizen ? [{ ...citizen, mobile: line.mobile }] : []));
const { callback } = await createSaleSite({
  baseUrl,
  issuer: emta.issuer,
  clientId: client.client_id,
  clientSecret: client.client_secret ?? '',
  smsGateway: `${emta.issuer}/_emta/v1/messages`,
  members: people,
  log: (what, error) => process.stderr.write(`sale site: ${what}: ${String(error)}\n`),
});
site.on('request', callback);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
process.stdout.write(welcome());

async function startEmta(): Promise<EmbeddedEmta> {
  try {
    return await startEmbeddedEmta({ port: emtaPort, clients: [client], log: stderrLog('warn', 'text') });
  } catch (error) {
    if (isPortTaken(error))
      refuse(`port ${emtaPort} is in use`, 'stop what listens there, or choose another with --emta-port');
    throw error;
  }
}

/** Lets no connection linger, so that the terminal is free at once. */
async function stop(): Promise<void> {
  site.closeAllConnections();
  site.close();
  await emta.close();
  process.exit(0);
}

async function listen(server: Server, port: number, option: string): Promise<void> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if (isPortTaken(error))
      refuse(`port ${port} is in use`, `stop what listens there, or choose another with ${option}`);
    throw error;
  }
}

function welcome(): string {
  const messages: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(process.cwd(), 'views', 'messages', 'fa.json'), 'utf8'),
  );
  const rows = emta.personas
    .filter(({ id }) => shown.includes(id))
    .map(({ id, typed, reason }) => {
      const { year, month, day } = typed.birth;
      const born = `${year}/${month.padStart(2, '0')}/${day.padStart(2, '0')}`;
      return `  ${typed.mobile.replace('+98', '0')}  ${typed.nationalCode}  ${born}  ${id}: ${reason}\n`;
    });
  return `
Sale site    ${baseUrl}   press «${messages['site.signin.register'] ?? ''}»
Emta         ${emta.issuer}   metadata: ${emta.issuer}/.well-known/openid-configuration
SMS arrive   ${emta.issuer}/_emta/

People to try: mobile, national code, birth date
${rows.join('')}
Stop with Ctrl-C.
`;
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    refuse(`expected "${option}" to be a port from 1 to 65535, got "${text}"`);
  return port;
}

function isPortTaken(error: unknown): boolean {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return codeOf(error) === 'EADDRINUSE' || codeOf(cause) === 'EADDRINUSE';
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
