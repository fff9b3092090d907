import { connectEmta } from '../driver/emta-control.ts';
import { createExchangeLog } from '../driver/exchange-log.ts';
import { runCase, type Tools } from '../driver/interpreter.ts';
import type { PeoplePool } from '../driver/people-pool.ts';
import type { SiteDriver } from '../driver/site-driver.ts';
import type { JournalEnd } from '../facts.ts';
import type { Seen } from '../observe/seen.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Job } from './plan.ts';
import { clientWire } from './registration.ts';
import type { Standing } from './standing.ts';

/** An Emta of its own for copies of the relying party, under `/t/NAME/`. */
export interface Apart {
  readonly watch: (job: Job) => Promise<Seen>;
  journalEnds(): Promise<readonly JournalEnd[]>;
  close(): void;
}

/** Whether a copy goes where `${issuer}` says. */
export const takesIssuer = ({ launch, usesPort }: Pick<RelyingParty, 'launch' | 'usesPort'>): boolean =>
  usesPort && launch !== undefined && JSON.stringify([launch.command, launch.env]).includes('${issuer}');

export function openApart(setting: {
  readonly name: string;
  readonly controlToken?: string;
  readonly tools: Tools;
  readonly standing: Standing;
  readonly siteOf: (rp: RelyingParty) => Promise<SiteDriver>;
  readonly markOf: (job: Job) => string;
  readonly poolOf: (control: ReturnType<typeof connectEmta>) => PeoplePool;
}): Apart {
  const { tools, controlToken } = setting;
  const issuer = `${tools.setting.issuer}/t/${setting.name}`;
  const control = connectEmta(issuer, controlToken === undefined ? {} : { token: controlToken });
  const log = createExchangeLog(control, new Set([tools.setting.rp.client.client_id]));
  const pool = setting.poolOf(control);
  const relaunch = setting.standing.copies(setting.siteOf, {
    issuer,
    register: (client) => control.putClient(clientWire(client)),
  });
  const own: Tools = {
    ...tools,
    setting: { ...tools.setting, issuer, isApart: true },
    control,
    log,
    ...(relaunch === undefined ? {} : { relaunch }),
  };
  let isUsed = false;
  return {
    async watch(job) {
      isUsed = true;
      // nobody else's calls are in this log
      return runCase(job.kase, await pool.take(job.kase.people), setting.markOf(job), true, own);
    },
    // an Emta under /t/ is made by being asked
    journalEnds: async () => (isUsed ? control.journalEnds() : []),
    close: () => control.close(),
  };
}
