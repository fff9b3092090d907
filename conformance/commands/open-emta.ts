import { startEmbeddedEmta } from '../embedded.ts';
import { ConformanceError } from '../errors.ts';
import type { RelyingParty } from '../rp-file.ts';
import { askEmta, defaultIssuer, emtaAt, type Fields, isObject, textOf } from './ask-emta.ts';
import type { Io } from './io.ts';

/** The Emta of a run: one that runs already, or one started for it. */
export interface OpenEmta {
  readonly issuer: string;
  readonly isOurs: boolean;
  /** Which one it is, for the terminal. */
  readonly words: readonly string[];
  close(): Promise<void>;
}

const startable = /^http:\/\/localhost:\d+$/;

/** Whether each run starts the relying party itself, on a port of its own, and tells it where Emta is. */
export const isToldIssuer = ({ usesPort, launch }: Pick<RelyingParty, 'usesPort' | 'launch'>): boolean =>
  usesPort &&
  launch !== undefined &&
  [...launch.command, ...Object.values(launch.env)].some((text) => text.includes('${issuer}'));

/**
 * Uses the Emta that is named. Else a relying party that is told its issuer gets an Emta of its own on a free port, so
 * that runs do not meet; any other one uses what answers at the usual place (`EMTA_URL`), or an Emta started there.
 */
export async function openEmta(
  named: string | undefined,
  rp: Pick<RelyingParty, 'usesPort' | 'launch'>,
  io: Pick<Io, 'controlToken' | 'env'>,
): Promise<OpenEmta> {
  const place = named ?? (io.env.EMTA_URL || undefined);
  const close = async () => {};
  if (place === undefined && isToldIssuer(rp)) return startOwn(0);
  const issuer = (place ?? defaultIssuer).replace(/\/$/, '');
  if (named !== undefined || !startable.test(issuer)) {
    const answer = await askEmta('/', { issuer, token: io.controlToken });
    return { issuer, isOurs: false, words: [runningWords(issuer, isObject(answer) ? answer : {})], close };
  }
  const found = await emtaAt(issuer, io.controlToken);
  if (found !== undefined) {
    const words = [
      runningWords(issuer, found),
      'the run registers its client, draws people and arms faults there; if it is not yours, name another with --emta URL',
    ];
    return { issuer, isOurs: false, words, close };
  }
  try {
    return await startOwn(Number(new URL(issuer).port));
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

const runningWords = (issuer: string, about: Fields): string =>
  `the Emta that runs at ${issuer} is used, started ${textOf(about, 'started_at')} with seed "${textOf(about, 'seed')}"`;

async function startOwn(port: number): Promise<OpenEmta> {
  // nobody works on its pages by hand
  const emta = await startEmbeddedEmta({ port, helperStrip: false });
  return {
    issuer: emta.issuer,
    isOurs: true,
    words: [`an Emta was started for this run at ${emta.issuer}, which ends with it`],
    close: () => emta.close(),
  };
}
