import { isJourneyPage, walkJourney } from './driver/citizen-walker.ts';
import type { Tools } from './driver/interpreter.ts';
import { emptyJar } from './driver/jar.ts';
import type { PeoplePool } from './driver/people-pool.ts';
import { typedBy } from './driver/site-driver.ts';
import { needlesOf } from './observe/needles.ts';
import { endOf } from './observe/reading.ts';
import { whereabouts } from './observe/whereabouts.ts';
import { type Told, told } from './told.ts';

/** One correct login, to see that the relying party is still well. */
export interface ControlResult {
  readonly isGood: boolean;
  readonly because: Told;
  readonly at: number;
}

/** A fresh citizen signs in correctly; good when he is in, as himself. */
export async function controlLogin(tools: Tools, pool: PeoplePool): Promise<ControlResult> {
  const { setting, agent, control, site } = tools;
  const { C: person } = await pool.take({ C: {} });
  if (person === undefined) return { isGood: false, because: told`no citizen was drawn`, at: tools.now() };
  const jar = emptyJar();
  const arrived = await site.start(jar, typedBy(person));
  const trace = isJourneyPage(arrived.page, setting.issuer)
    ? await walkJourney(jar, arrived, person, {}, { agent, control, issuer: setting.issuer })
    : arrived;
  const reading = await site.look(jar);
  const read = whereabouts(
    {
      setting,
      mark: '',
      people: { C: person },
      needles: { C: needlesOf(person) },
      traces: {},
      looks: {},
      accounts:
        reading.probe.kind === 'in' &&
        reading.probe.value !== undefined &&
        tools.accounts.owner(reading.probe.value) !== undefined
          ? { [reading.probe.value]: 'other' }
          : {},
      cookies: {},
      trials: {},
      raw: {},
      links: {},
      posted: {},
      fetches: [],
      hostile: [],
      mobileStatus: {},
      exchanges: [],
      strays: [],
      isAlone: false,
      delivered: {},
      trapped: [],
    },
    reading,
  );
  const isIn = read.state === 'in' && (read.who === 'C' || read.who === 'newcomer' || read.who === undefined);
  const isGood = isIn || read.looksSignedIn === true;
  if (isGood && reading.probe.kind === 'in' && reading.probe.value !== undefined)
    tools.accounts.learn(reading.probe.value, person);
  return {
    isGood,
    because: isGood ? read.observed : told`${read.observed}; the login ended at ${endOf(trace)}`,
    at: tools.now(),
  };
}

/** Keeps controls coming, shared by the cases between them. */
export interface ControlKeeper {
  /** The newest control that is done. */
  latest(): ControlResult | undefined;
  /** A control that begins after this call; cases that end close together share one. */
  next(): Promise<ControlResult>;
  /** A control at once, for a case that stands alone. */
  now(): Promise<ControlResult>;
  /** From here on few come, so that nobody waits for company. */
  hurry(): void;
}

export interface KeeperOptions {
  readonly login: () => Promise<ControlResult>;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** So many waiting cases make a batch. */
  readonly batch: number;
  /** Milliseconds that the first of a batch waits for more. */
  readonly patience: number;
}

export function createControlKeeper({ login, wait, batch, patience }: KeeperOptions): ControlKeeper {
  let latest: ControlResult | undefined;
  let waiting: ((result: ControlResult) => void)[] = [];
  let failing: ((cause: unknown) => void)[] = [];
  let isLooping = false;
  let isHurried = false;
  const run = async () => {
    latest = await login();
    return latest;
  };
  const loop = async () => {
    isLooping = true;
    while (waiting.length > 0) {
      for (let waited = 0; waiting.length < batch && waited < patience && !isHurried; waited += 25) await wait(25);
      const [served, failed] = [waiting, failing];
      [waiting, failing] = [[], []];
      try {
        const result = await run();
        for (const settle of served) settle(result);
      } catch (error) {
        for (const fail of failed) fail(error);
      }
    }
    isLooping = false;
  };
  return {
    latest: () => latest,
    next: () =>
      new Promise((settle, fail) => {
        waiting.push(settle);
        failing.push(fail);
        if (!isLooping) void loop();
      }),
    now: run,
    hurry: () => {
      isHurried = true;
    },
  };
}
