import { startEmbeddedEmta } from '../embedded.ts';
import { ConformanceError } from '../errors.ts';
import { askEmta, defaultIssuer, isEmtaAt, isObject } from './ask-emta.ts';
import type { Io } from './io.ts';

/** The Emta of a run: one that runs already, or one started for it. */
export interface OpenEmta {
  readonly issuer: string;
  readonly isOurs: boolean;
  close(): Promise<void>;
}

const startable = /^http:\/\/localhost:\d+$/;

/** Uses the Emta that is named, else one that answers at the usual place (`EMTA_URL`), else starts one there. */
export async function openEmta(named: string | undefined, io: Pick<Io, 'controlToken' | 'env'>): Promise<OpenEmta> {
  const issuer = (named ?? (io.env.EMTA_URL || defaultIssuer)).replace(/\/$/, '');
  const close = async () => {};
  if (named !== undefined || !startable.test(issuer)) {
    await askEmta('/', { issuer, token: io.controlToken });
    return { issuer, isOurs: false, close };
  }
  if (await isEmtaAt(issuer, io.controlToken)) return { issuer, isOurs: false, close };
  try {
    const emta = await startEmbeddedEmta({ port: Number(new URL(issuer).port) });
    return { issuer: emta.issuer, isOurs: true, close: () => emta.close() };
  } catch (error) {
    if (!isObject(error) || error.code !== 'bad_option') throw error;
    throw new ConformanceError(
      'port_in_use',
      `no Emta answers at ${issuer}, and none can be started there: ${String(error.message)}`,
      {
        lines: ['stop what listens there, or start Emta elsewhere and name it with --emta URL'],
        cause: error,
      },
    );
  }
}
