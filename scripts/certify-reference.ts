import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedEmta } from '../conformance/embedded.ts';

// Certifies the sale site by the command line, as its owner would; further arguments go to `emta certify`. The reports
// are left in .emta/reference.

const folder = join('.emta', 'reference');
mkdirSync(folder, { recursive: true });
const emta = await startEmbeddedEmta({ port: 0, helperStrip: false });
const command = [
  join('dist', 'conformance', 'cli.js'),
  'certify',
  join('conformance', 'sale-site', 'emta-rp.json'),
  ...['--emta', emta.issuer],
  ...['--key', join(folder, 'report-key.pem')],
  ...['--report', join(folder, 'report.json')],
  ...['--html', join(folder, 'report.html')],
  ...process.argv.slice(2),
];
const [code] = await once(spawn(process.execPath, command, { stdio: 'inherit' }), 'exit');
await emta.close();
process.exitCode = typeof code === 'number' ? code : 3;
