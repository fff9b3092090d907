import { ConformanceError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { askEmta, type Fields, isObject, objectsIn, textOf } from './ask-emta.ts';
import type { ExitCode, Io } from './io.ts';

export interface FaultsOptions {
  readonly emta: string;
  readonly find: string | undefined;
  readonly armed: boolean;
  readonly json: boolean;
}

/** Prints the catalogue of faults, or those that are armed. */
export async function faults(options: FaultsOptions, io: Io): Promise<ExitCode> {
  const access = { issuer: options.emta, token: io.controlToken };
  const { armed, find = '' } = options;
  const all = armed
    ? objectsIn(await askEmta('/armed', access), 'armed')
    : objectsIn(await askEmta('/faults', access), 'faults');
  const found = all.filter((one) => JSON.stringify(one).toLowerCase().includes(find.toLowerCase()));
  if (options.json) io.out(`${JSON.stringify(found, null, 2)}\n`);
  else for (const one of found) io.out(`${armed ? armedLine(one) : faultLine(one)}\n`);
  if (found.length > 0 || find === '') return 0;
  io.err(`emta: expected a fault for "${find}", got none\n`);
  return 1;
}

const faultLine = (fault: Fields): string => `${textOf(fault, 'id').padEnd(40)}  ${textOf(fault, 'summary')}`;

function armedLine(armed: Fields): string {
  const uses = textOf(armed, 'uses');
  return `${textOf(armed, 'id')}  ${textOf(armed, 'fault')}  for ${targetOf(armed)}  delivered ${textOf(armed, 'delivered')}${uses === '' ? '' : ` of ${uses}`}`;
}

const targetOf = (armed: Fields): string => textOf(armed, 'mobile') || textOf(armed, 'client_id') || 'the whole issuer';

export interface ArmOptions {
  readonly emta: string;
  readonly mobile: string | undefined;
  readonly client: string | undefined;
  readonly issuer: boolean;
  readonly uses: number | undefined;
  /** `name=value`; the value as JSON where it is that. */
  readonly parameters: readonly string[];
  readonly json: boolean;
}

/** Arms a fault for one number, one client or the whole issuer. */
export async function arm(fault: string, options: ArmOptions, io: Io): Promise<ExitCode> {
  const { mobile, client, issuer, uses, parameters } = options;
  if ([mobile !== undefined, client !== undefined, issuer].filter(Boolean).length !== 1) {
    throw new ConformanceError('usage', 'expected one of --mobile, --client and --issuer: whom the fault is for');
  }
  const access = { issuer: options.emta, token: io.controlToken };
  const known = objectsIn(await askEmta('/faults', access), 'faults').map((one) => textOf(one, 'id'));
  if (!known.includes(fault)) {
    const near = nearest(fault, known);
    throw new ConformanceError(
      'usage',
      `unknown fault "${fault}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      { lines: ['`emta faults` lists them all'] },
    );
  }
  const body = {
    fault,
    ...(mobile !== undefined && { mobile }),
    ...(client !== undefined && { client_id: client }),
    ...(issuer && { issuer }),
    ...(uses !== undefined && { uses }),
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters.map(parameterOf)) }),
  };
  const armed = await askEmta('/armed', { ...access, method: 'POST', body });
  if (!isObject(armed)) throw new ConformanceError('emta_refused', 'expected Emta to answer what it armed');
  if (options.json) io.out(`${JSON.stringify(armed)}\n`);
  else io.out(`armed ${fault} for ${targetOf(armed)}; \`emta disarm ${textOf(armed, 'id')}\` takes it back\n`);
  return 0;
}

function parameterOf(text: string): readonly [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new ConformanceError('usage', `expected "--parameter" to be like milliseconds=4000, got "${text}"`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), /^(-?\d+(\.\d+)?|true|false)$/.test(value) ? JSON.parse(value) : value];
}

/** Disarms one fault, or all of them. */
export async function disarm(
  id: string | undefined,
  options: { readonly emta: string; readonly all: boolean },
  io: Io,
): Promise<ExitCode> {
  if ((id === undefined) !== options.all) {
    throw new ConformanceError('usage', 'expected the id of an armed fault, or --all', {
      lines: ['`emta faults --armed` lists them'],
    });
  }
  const path = id === undefined ? '/armed' : `/armed/${encodeURIComponent(id)}`;
  await askEmta(path, { issuer: options.emta, token: io.controlToken, method: 'DELETE' });
  io.out(id === undefined ? 'disarmed all\n' : `disarmed ${id}\n`);
  return 0;
}
