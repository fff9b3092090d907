import { ConformanceError, isConformanceError } from '../errors.ts';
import { needlesOf } from '../observe/needles.ts';
import { endOf, type Reading } from '../observe/reading.ts';
import type { CookieTrial, RawAnswers, Seen, Setting, TriedLink } from '../observe/seen.ts';
import { whereabouts } from '../observe/whereabouts.ts';
import type { RelyingParty, SignedIn } from '../rp-file.ts';
import type { Case, Place, Step } from '../scenarios/scenario.ts';
import { type Told, told } from '../told.ts';
import { createFiller } from './blanks.ts';
import { changeCallback, isCallback } from './callback.ts';
import { isJourneyPage, type WalkPlan, walkJourney } from './citizen-walker.ts';
import type { EmtaControl, Target } from './emta-control.ts';
import type { Exchange, JsonObject } from './emta-wire.ts';
import { type ExchangeLog, sortExchanges } from './exchange-log.ts';
import { emptyJar, type Jar, type StoredCookie } from './jar.ts';
import { nationalForm, type Person } from './person.ts';
import { askRaw } from './raw-connection.ts';
import { actOnRegistration, type RegistrationMemory } from './register-act.ts';
import { pageOf } from './registration.ts';
import { type SiteDriver, typedBy } from './site-driver.ts';
import { isStopped, Stopped } from './stopped.ts';
import type { Trap } from './trap.ts';
import { tryLinks } from './try-links.ts';
import type { PlannedRequest, Trace, UserAgent } from './user-agent.ts';

/** Accounts by probe value, as control logins taught them: whose each is. */
export interface Accounts {
  owner(value: string): Person | undefined;
  learn(value: string, person: Person): void;
}

/** A copy of the relying party, and what stands behind it. */
export interface RelaunchedParty {
  readonly rp: RelyingParty;
  readonly site: SiteDriver;
  readonly origins: readonly string[];
  /** The issuer it was given, where that is not Emta itself. */
  readonly issuer?: string;
  /** What reached the hostile issuer. */
  readonly hostileCalls?: () => Promise<readonly Exchange[]>;
  stop(): Promise<void>;
}

export interface Tools {
  readonly setting: Setting;
  readonly agent: UserAgent;
  readonly site: SiteDriver;
  readonly control: EmtaControl;
  readonly log: ExchangeLog;
  readonly trap: Trap;
  readonly accounts: Accounts;
  /** Waits on the wall's clock. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  /** Starts a copy of the relying party anew and answers how to reach it; ends with the case. */
  readonly relaunch?: (how: Extract<Step, { do: 'relaunch' }>['with'], mark: string) => Promise<RelaunchedParty>;
}

const attackerPage = (trapOrigin: string) => `${trapOrigin}/page-of-the-attacker`;

function readMobileStatus(reading: {
  readonly kind: string;
  readonly value?: string;
}): 'verified' | 'unverified' | 'unclear' {
  if (reading.kind === 'unclear') return 'unclear';
  return reading.kind === 'in' && reading.value !== 'false' && reading.value !== '0' ? 'verified' : 'unverified';
}

/** Drives one case from its first step to its last and answers everything that was seen. It judges nothing. */
export async function runCase(
  kase: Case,
  people: Readonly<Record<string, Person>>,
  mark: string,
  isAlone: boolean,
  tools: Tools,
): Promise<Seen> {
  const { agent, control, log, trap } = tools;
  let { setting } = tools;
  let { rp } = setting;
  let { site } = tools;
  const jars = new Map<string, Jar>();
  const traces: Record<string, Trace> = {};
  const looks: Record<string, Reading> = {};
  const cookies: Record<string, readonly StoredCookie[]> = {};
  const trials: Record<string, readonly CookieTrial[]> = {};
  const raw: Record<string, RawAnswers> = {};
  const links: Record<string, readonly TriedLink[]> = {};
  const memory: RegistrationMemory = { traces, posted: {}, codes: new Map(), sent: new Map() };
  const mobileStatus: Record<string, 'verified' | 'unverified' | 'unclear'> = {};
  const delivered: Record<string, number> = {};
  const kept = new Map<string, PlannedRequest>();
  const armed: { readonly id: string; readonly fault: string }[] = [];
  const copies: RelaunchedParty[] = [];
  let hostile: readonly Exchange[] = [];
  const hiddenTraces: Trace[] = [];
  // the calls of the control login before are not this case's, where calls are counted
  if (isAlone) await log.sync();
  const from = log.position();
  const walkTools = { agent, control, issuer: setting.issuer };
  let stopped: Told | undefined;
  let relaunchProblem: string | undefined;

  const jarOf = (name: string): Jar => {
    const known = jars.get(name);
    if (known !== undefined) return known;
    const fresh = emptyJar();
    jars.set(name, fresh);
    return fresh;
  };
  const personOf = (role: string): Person => {
    const person = people[role];
    if (person === undefined)
      throw new ConformanceError(
        'harness_defect',
        `the case "${kase.label}" names a citizen "${role}" that it does not draw`,
      );
    return person;
  };
  const { filled, filledJson, filledAll, filledQuery } = createFiller(() => ({
    people,
    mark,
    trap: `${trap.origin}/${mark}`,
    issuer: setting.issuer,
    issuerOfTheCopy: copies.at(-1)?.issuer ?? setting.issuer,
    rp,
    returnParameters: setting.returnParameters,
  }));

  const disarm = async ({ id, fault }: { readonly id: string; readonly fault: string }) => {
    const { delivered: times } = await control.disarm(id);
    delivered[fault] = (delivered[fault] ?? 0) + times;
  };

  const holdsCallback = (next: PlannedRequest) => isCallback(rp, next.url);
  const keep = (label: string, trace: Trace) => {
    traces[label] = trace;
    if (trace.ending.kind === 'held' && holdsCallback(trace.ending.next)) kept.set(label, trace.ending.next);
  };
  const keptOf = (label: string): PlannedRequest => {
    const callback = kept.get(label);
    if (callback === undefined) throw new Stopped(told`no callback came out of "${label}"`);
    return callback;
  };
  const withPlan = (plan: WalkPlan | undefined): WalkPlan =>
    plan?.mobile === undefined ? (plan ?? {}) : { ...plan, mobile: filled(plan.mobile) };

  const login = async (step: Extract<Step, { do: 'login' }>): Promise<Trace> => {
    const jar = jarOf(step.jar);
    const person = personOf(step.as);
    const own = typedBy(person);
    const typed = {
      mobile: step.typing?.mobile === undefined ? own.mobile : nationalForm(filled(step.typing.mobile)),
      nationalCode: step.typing?.nationalCode === undefined ? own.nationalCode : filled(step.typing.nationalCode),
    };
    const query = filledQuery(step.query);
    const headers = filledAll(step.headers);
    const hold = step.hold === true ? { holdBefore: holdsCallback } : {};
    const entry = step.from === 'second-issuer' ? rp.secondIssuer?.start : undefined;
    const start = () =>
      step.from === 'registration'
        ? site.enterRegistration(jar, typed, hold)
        : site.start(jar, typed, {
            ...hold,
            ...(query === undefined ? {} : { query }),
            ...(headers === undefined ? {} : { headers }),
            ...(entry === undefined ? {} : { entry }),
          });
    let arrived = await start();
    if (
      step.again === true &&
      arrived.ending.kind === 'page' &&
      !arrived.hops.some(({ url }) => new URL(url).origin === setting.emtaOrigin)
    ) {
      const left = await site.logout(jar);
      if (left === undefined) for (const cookie of await ownCookies(jar)) await jar.drop(cookie);
      arrived = await start();
    }
    return isJourneyPage(arrived.page, setting.issuer)
      ? walkJourney(jar, arrived, person, withPlan(step.plan), walkTools, hold)
      : arrived;
  };

  const look = async (jar: Jar, label: string): Promise<void> => {
    looks[label] = await site.look(jar);
    if (rp.mobileStatus !== undefined) {
      mobileStatus[label] = readMobileStatus(
        await site.probe(jar, { url: rp.mobileStatus.url, signedIn: rp.mobileStatus.verified satisfies SignedIn }),
      );
    }
  };

  const placeUrl = (place: Place): string => {
    if (place === 'start') return rp.start.url;
    if (place === 'protected') return rp.protectedUrl;
    if (place === 'registration') return rp.registrationUrl ?? rp.start.url;
    if (place === 'callback') return rp.client.redirect_uris[0] ?? rp.start.url;
    if (place === 'logout') return rp.logout?.url ?? rp.start.url;
    if ('url' in place) return filled(place.url);
    const trace = traces[place.lastOf];
    return trace?.page?.url ?? trace?.hops.at(-1)?.url ?? rp.start.url;
  };

  const ownCookies = async (jar: Jar): Promise<readonly StoredCookie[]> => {
    const hosts = new Set(setting.origins.map((origin) => new URL(origin).hostname));
    const emtaOnly = new Set(
      [...Object.values(traces), ...hiddenTraces].flatMap(({ hops }) =>
        hops.flatMap(({ url, setCookies }) =>
          new URL(url).origin === setting.emtaOrigin ? setCookies.map((line) => line.split('=', 1)[0] ?? '') : [],
        ),
      ),
    );
    return (await jar.all()).filter(
      ({ domain, name }) =>
        [...hosts].some((host) => host === domain || host.endsWith(`.${domain}`)) && !emtaOnly.has(name),
    );
  };

  const act = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'arm': {
        const target: Target =
          step.for === 'issuer'
            ? { issuer: true }
            : step.for === 'client'
              ? { client_id: rp.client.client_id }
              : { mobile: personOf(step.for.role).mobile };
        const parameters = step.parameters === undefined ? undefined : (filledJson(step.parameters) as JsonObject);
        const { id } = await control.arm(step.fault, target, {
          ...(step.uses === undefined ? {} : { uses: step.uses }),
          ...(parameters === undefined ? {} : { parameters }),
        });
        armed.push({ id, fault: step.fault });
        delivered[step.fault] ??= 0;
        return;
      }
      case 'disarm':
        for (const one of armed.filter(({ fault }) => fault === step.fault)) {
          armed.splice(armed.indexOf(one), 1);
          await disarm(one);
        }
        return;
      case 'login':
        return keep(step.label, await login(step));
      case 'begin': {
        const query = filledQuery(step.query);
        const headers = filledAll(step.headers);
        const entry = step.host === undefined ? undefined : { ...rp.start, url: withHost(rp.start.url, step.host) };
        const trace = await site.start(jarOf(step.jar), typedBy(personOf(step.as)), {
          ...(query === undefined ? {} : { query }),
          ...(headers === undefined ? {} : { headers }),
          ...(entry === undefined ? {} : { entry }),
        });
        return keep(step.label, trace);
      }
      case 'resume': {
        const pending = traces[step.of];
        if (pending === undefined || !isJourneyPage(pending.page, setting.issuer))
          throw new Stopped(told`the login "${step.of}" never reached Emta`);
        const hold = step.hold === true ? { holdBefore: holdsCallback } : {};
        return keep(
          step.label,
          await walkJourney(jarOf(step.jar), pending, personOf(step.as), withPlan(step.plan), walkTools, hold),
        );
      }
      case 'deliver': {
        const changes = (step.change ?? []).map((change) =>
          'value' in change
            ? { ...change, value: filled(change.value) }
            : 'address' in change
              ? { ...change, address: filled(change.address) }
              : change,
        );
        const callback = changeCallback(keptOf(step.of), changes, (label) => kept.get(label));
        const request = step.method === undefined ? callback : { ...callback, method: step.method };
        const by = step.by === 'attacker' ? attackerPage(trap.origin) : `${setting.issuer}/journey/x/consent`;
        traces[step.label] = await agent.visit(jarOf(step.jar), request, {
          from: by,
          cause: step.by === 'attacker' ? 'link' : 'redirect',
        });
        return;
      }
      case 'forge': {
        const url = new URL(rp.client.redirect_uris[0] ?? rp.start.url);
        for (const [name, value] of Object.entries(step.query)) url.searchParams.set(name, filled(value));
        const by = step.by === 'attacker' ? attackerPage(trap.origin) : `${setting.issuer}/journey/x/consent`;
        traces[step.label] = await agent.visit(
          jarOf(step.jar),
          { method: 'GET', url: url.href },
          { from: by, cause: 'link' },
        );
        return;
      }
      case 'visit': {
        const url = new URL(placeUrl(step.to));
        if (step.host !== undefined) url.hostname = step.host;
        for (const [name, value] of Object.entries(filledQuery(step.query) ?? {})) url.searchParams.set(name, value);
        const headers = filledAll(step.headers);
        traces[step.label] = await agent.visit(
          jarOf(step.jar),
          { method: 'GET', url: url.href },
          {
            ...(headers === undefined ? {} : { headers }),
            ...(step.by === 'attacker' ? { from: attackerPage(trap.origin), cause: 'link' as const } : {}),
          },
        );
        return;
      }
      case 'stay': {
        const page = traces[step.of]?.page;
        if (page?.refresh === undefined) return;
        traces[step.label] = await agent.visit(
          jarOf(step.jar),
          { method: 'GET', url: page.refresh.url },
          { from: page.url, cause: 'refresh' },
        );
        return;
      }
      case 'look':
        return look(jarOf(step.jar), step.label);
      case 'learn': {
        const jar = emptyJar();
        const person = personOf(step.as);
        const arrived = await site.start(jar, typedBy(person));
        const trace = await walkJourney(jar, arrived, person, {}, walkTools);
        hiddenTraces.push(trace);
        const reading = await site.look(jar);
        if (reading.probe.kind === 'in' && reading.probe.value !== undefined)
          tools.accounts.learn(reading.probe.value, person);
        looks[`learn.${step.as}`] = reading;
        traces[`learn.${step.as}`] = trace;
        return;
      }
      case 'logout': {
        const query = filledAll(step.query);
        const left = await site.logout(jarOf(step.jar), {
          ...(query === undefined ? {} : { query }),
          ...(step.by === 'attacker' ? { from: attackerPage(trap.origin), cause: 'link' as const } : {}),
        });
        if (left === undefined) return;
        traces[step.label] = left.trace;
        const status = left.trace.page?.status ?? 0;
        // what the site turned away as no request of its own customer says nothing of what its own button does
        if (step.by !== 'attacker' && left.isBlind && status >= 400 && status < 500)
          throw new Stopped(
            told`logout_url answered ${status}, so nobody was logged out; to settle it, name in "${'logout_url'}" the address that the site's own link or button leads to, and let ${rp.protectedUrl} or ${new URL('/', rp.protectedUrl).href} show it`,
          );
        return;
      }
      case 'forget-session': {
        const jar = jarOf(step.jar);
        for (const cookie of await ownCookies(jar)) await jar.drop(cookie);
        return;
      }
      case 'note-cookies':
        cookies[step.label] = await ownCookies(jarOf(step.jar));
        return;
      case 'try-without-each': {
        const jar = jarOf(step.jar);
        const found: CookieTrial[] = [];
        for (const cookie of await ownCookies(jar)) {
          const without = await jar.copy();
          await without.drop(cookie);
          found.push({ cookie: cookie.name, reading: await site.look(without) });
        }
        trials[step.label] = found;
        return;
      }
      case 'look-with': {
        const jar = emptyJar();
        for (const cookie of cookies[step.cookies] ?? [])
          if (step.only === undefined || step.only === cookie.name) await jar.put(cookie);
        return look(jar, step.label);
      }
      case 'plant':
        for (const cookie of cookies[step.cookies] ?? []) await jarOf(step.jar).put(cookie);
        return;
      case 'copy-jar':
        jars.set(step.to, await jarOf(step.jar).copy());
        return;
      case 'clock':
        return control.advanceClock(step.seconds);
      case 'cool-down': {
        await log.sync();
        const last = log.since(0).findLast(({ endpoint }) => endpoint === 'jwks');
        const until = (last === undefined ? tools.now() : Date.parse(last.at)) + step.seconds * 1000;
        return tools.wait(Math.max(0, Math.min(until - tools.now(), step.seconds * 1000)));
      }
      case 'raw':
        raw[step.label] = await askRaw(keptOf(step.of), jarOf(step.jar), rp.protectedUrl, tools.now());
        return;
      case 'together':
        await Promise.all(step.branches.map(async (branch) => actAll(branch)));
        return;
      case 'relaunch': {
        if (tools.relaunch === undefined) throw new Stopped(told`the relying party cannot be launched by the harness`);
        try {
          const copy = await tools.relaunch(step.with, mark);
          copies.push(copy);
          ({ rp, site } = copy);
          const hostOf = (url: string) => new URL(url).host;
          const standsFor = { host: hostOf(tools.setting.rp.protectedUrl), copy: hostOf(rp.protectedUrl) };
          setting = { ...setting, rp, origins: copy.origins, standsFor };
        } catch (error) {
          // a relying party that refuses to start under this fault has said its word
          if (!isConformanceError(error) || error.code !== 'rp_unreachable') throw error;
          relaunchProblem = error.message;
          throw new Stopped(told`the relaunched relying party did not start: ${error.message}`);
        }
        return;
      }
      case 'try-links': {
        const page = traces[step.of]?.page;
        const [visitor] = Object.values(people);
        const isOwn = page !== undefined && new URL(page.url).origin !== setting.emtaOrigin;
        links[step.label] = isOwn ? await tryLinks(page, jarOf(step.jar), agent, setting, visitor) : [];
        return;
      }
      case 'repeat': {
        const form = memory.sent.get(step.of);
        if (form === undefined) throw new Stopped(told`nothing was sent from the page of "${step.of}"`);
        traces[step.label] = await form(jarOf(step.jar));
        return;
      }
      case 'if-at':
        if (pageOf(traces[step.of]?.page) === step.page) await actAll(step.then);
        return;
      case 'if-out': {
        const reading = looks[step.of];
        if (reading !== undefined && whereabouts(seenSoFar(), reading).state !== 'in') await actAll(step.then);
        return;
      }
      case 'need-emta': {
        const trace = traces[step.of];
        if (trace?.hops.some(({ url }) => new URL(url).origin === setting.emtaOrigin) !== true)
          throw new Stopped(
            told`the browser never reached Emta: ${trace === undefined ? told`no such step` : endOf(trace)}`,
          );
        return;
      }
      case 'need-return': {
        const trace = traces[step.of];
        if (trace?.hops.some(({ url }) => isCallback(rp, url)) !== true)
          throw new Stopped(
            told`the browser never came back from Emta: ${trace === undefined ? told`no such step` : endOf(trace)}`,
          );
        return;
      }
      case 'register':
        return actOnRegistration(step, {
          agent,
          control,
          emtaOrigin: setting.emtaOrigin,
          rp,
          hands: site.hands ?? {},
          memory,
          jar: jarOf(step.jar),
          person: personOf(step.as),
          personOf,
        });
    }
  };

  const actAll = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await act(step);
  };

  const roleOf = new Map(Object.entries(people).map(([role, person]) => [person.nationalCode, role]));
  /** The citizen as the relying party gets him. */
  const asGiven = (role: string, person: Person): Person => {
    const donor = kase.numberOf?.[role];
    return donor === undefined ? person : { ...person, mobile: personOf(donor).mobile };
  };
  const seenSoFar = (): Seen => {
    const { own, strays } = sortExchanges(log.since(from), [...Object.values(traces), ...hiddenTraces]);
    const values = Object.values(looks).flatMap(({ probe }) =>
      probe.kind === 'in' && probe.value !== undefined ? [probe.value] : [],
    );
    const accounts = Object.fromEntries(
      values.flatMap((value) => {
        const owner = tools.accounts.owner(value);
        return owner === undefined ? [] : [[value, roleOf.get(owner.nationalCode) ?? 'other']];
      }),
    );
    return {
      setting,
      mark,
      people,
      needles: Object.fromEntries(
        Object.entries(people).map(([role, person]) => [role, needlesOf(asGiven(role, person))]),
      ),
      traces,
      looks,
      accounts,
      cookies,
      trials,
      raw,
      links,
      posted: memory.posted,
      mobileStatus,
      exchanges: own,
      strays,
      fetches: log.since(from).filter(({ endpoint }) => endpoint === 'jwks' || endpoint === 'discovery'),
      hostile,
      isAlone,
      delivered,
      trapped: trap.visitsOf(mark),
      ...(relaunchProblem === undefined ? {} : { relaunchProblem }),
      ...(stopped === undefined ? {} : { stopped }),
    };
  };

  try {
    await actAll(kase.drive);
  } catch (error) {
    if (!isStopped(error)) throw error;
    stopped = error.told;
  } finally {
    for (const one of armed.splice(0)) await disarm(one);
    for (const copy of copies) {
      hostile = [...hostile, ...((await copy.hostileCalls?.()) ?? [])];
      await copy.stop();
    }
  }
  await log.sync();
  return seenSoFar();
}

function withHost(url: string, host: string): string {
  const target = new URL(url);
  target.hostname = host;
  return target.href;
}
