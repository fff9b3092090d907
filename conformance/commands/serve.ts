import { startEmbeddedEmta } from '../embedded.ts';
import { ConformanceError } from '../errors.ts';
import { isObject } from './ask-emta.ts';
import type { ExitCode, Io } from './io.ts';

export interface ServeOptions {
  readonly port: number;
  readonly host: string | undefined;
  readonly issuer: string | undefined;
}

/** Starts Emta alone and keeps it up until it is stopped. */
export async function serve(options: ServeOptions, io: Io): Promise<ExitCode> {
  const emta = await start(options, io);
  const [someone] = emta.personas;
  io.out(`emta: ${emta.issuer}\n`);
  io.out(`      console  ${emta.issuer}/_emta/\n`);
  if (someone !== undefined) io.out(`      try      ${someone.typed.mobile}, ${someone.reason}\n`);
  await io.stopped;
  await emta.close();
  return 0;
}

async function start({ port, host, issuer }: ServeOptions, io: Io) {
  try {
    return await startEmbeddedEmta({
      port,
      ...(host === undefined ? {} : { host }),
      ...(issuer === undefined ? {} : { issuer }),
      ...(io.controlToken === undefined ? {} : { controlToken: io.controlToken }),
    });
  } catch (error) {
    if (!isObject(error) || error.code !== 'bad_option') throw error;
    const hint = typeof error.hint === 'string' ? [error.hint] : [];
    throw new ConformanceError('port_in_use', String(error.message), { lines: hint, cause: error });
  }
}
