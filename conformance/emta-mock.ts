import { systemClock } from './clock.ts';
import { type WalkPlan, walkJourney } from './driver/citizen-walker.ts';
import { connectEmta, type EmtaControl, type Target } from './driver/emta-control.ts';
import type { Exchange, JsonObject, SmsView } from './driver/emta-wire.ts';
import { emptyJar } from './driver/jar.ts';
import type { Person } from './driver/person.ts';
import { sitesApart } from './driver/site.ts';
import { createUserAgent } from './driver/user-agent.ts';
import { type EmbeddedOptions, type Persona, startEmbeddedEmta } from './embedded.ts';
import { ConformanceError } from './errors.ts';
import { endOf } from './observe/reading.ts';

export type { EmbeddedOptions, Exchange, Person, SmsView, Target };
export type PersonaId = Persona['id'];

/** What a citizen means to do at Emta, besides who goes. */
export interface Walk extends Pick<WalkPlan, 'consent' | 'leaveAt' | 'exhaustsTries' | 'mobile'> {
  readonly as: Person;
}

/** How far a new signing key has come. */
export type KeyPhase = keyof typeof keyFaults;
const keyFaults = { publish: 'keys.announced', use: 'keys.used', withdraw: 'keys.withdrawn' } as const;

/** A fault that waits for its exchange. */
export interface ArmedFault {
  readonly id: string;
  /** How many exchanges it changed so far. */
  delivered(): Promise<number>;
  disarm(): Promise<void>;
}

/** A running Emta, as a test sees it. Every promise is rejected with an error whose `code` tells what was wrong. */
export interface Emta {
  /** Issuer identifier, e.g. `http://localhost:4299`. */
  readonly issuer: string;
  readonly personaIds: readonly PersonaId[];
  /** Somebody made up for one reason; ids never change. Throws `unknown_persona`. */
  persona(id: PersonaId): Person;
  /** People nobody drew before, of age, alive, each with an active line of their own. */
  draw(
    count: number,
    options?: { readonly seed?: string; readonly min_age?: number; readonly born_on?: string },
  ): Promise<readonly Person[]>;
  /** Goes through the pages as a person does, from an authorization URL to the URL that the browser is sent back to. */
  walk(authorizationUrl: string, walk: Walk): Promise<string>;
  /** Arms a fault of the catalogue; an unknown one is refused. */
  arm(
    fault: string,
    target: Target,
    options?: { readonly uses?: number; readonly parameters?: JsonObject },
  ): Promise<ArmedFault>;
  readonly outbox: {
    /** Messages to a number, oldest first. */
    messages(mobile: string): Promise<readonly SmsView[]>;
    /** The newest code sent to a number; waits for one. Default: 5 seconds. */
    code(mobile: string, options?: { readonly waitMilliseconds?: number }): Promise<string>;
  };
  readonly clock: {
    /** Puts Emta's clock forward: codes, captchas and waits run out by it. */
    advance(seconds: number): Promise<void>;
  };
  readonly keys: {
    /** The key set as a relying party gets it, `{kid, kty, alg, use, …}` each. */
    published(): Promise<readonly JsonObject[]>;
    /**
     * One phase of a key rotation, for everybody, until it is disarmed (OIDC Core §10.1.1): `publish` puts a new key
     * into the key set, `use` signs with it, `withdraw` signs with it although it stands in no key set.
     */
    rotate(phase: KeyPhase, options?: { readonly key?: string }): Promise<ArmedFault>;
  };
  readonly journal: {
    /** What went over the wire, unmasked, oldest first. */
    exchanges(of?: { readonly journey?: string; readonly client_id?: string }): Promise<readonly Exchange[]>;
  };
  /** Registers a relying party, or replaces its registration; standard client metadata. */
  putClient(metadata: JsonObject): Promise<void>;
  /** An Emta of its own under the same port, made when first asked for. Closing it forgets it. */
  namespace(name: string): Promise<Emta>;
  close(): Promise<void>;
}

/**
 * Starts Emta in this process. Port 0 takes a free one; without `port` it is 4299. An option that it does not know is
 * refused by name.
 */
export async function startEmta(options: EmbeddedOptions = {}): Promise<Emta> {
  const running = await startEmbeddedEmta(options);
  const people = new Map(running.personas.map((persona) => [persona.id, personOf(persona)]));
  const token = options.controlToken;

  function faceOf(issuer: string, close: () => Promise<void>): Emta {
    const control = connectEmta(issuer, token === undefined ? {} : { token });
    const arm: Emta['arm'] = async (fault, target, more) => {
      const { id } = await control.arm(fault, target, more);
      return {
        id,
        delivered: async () => (await control.armed(id)).delivered,
        async disarm() {
          await control.disarm(id);
        },
      };
    };
    return {
      issuer,
      personaIds: [...people.keys()],
      persona(id) {
        const person = people.get(id);
        if (person === undefined) {
          throw new ConformanceError(
            'unknown_persona',
            `expected the id of a persona, got "${id}"; known are ${[...people.keys()].join(', ')}`,
          );
        }
        return person;
      },
      draw: (count, more) => control.draw(count, more),
      walk: (url, walk) => walkTo(url, walk, control),
      arm,
      outbox: {
        messages: (mobile) => control.messages(mobile),
        code: (mobile, { waitMilliseconds = 5000 } = {}) => newestCode(mobile, waitMilliseconds, control),
      },
      clock: { advance: (seconds) => control.advanceClock(seconds) },
      keys: {
        published: () => control.keys(),
        rotate: (phase, { key } = {}) =>
          arm(keyFaults[phase], { issuer: true }, key === undefined ? {} : { parameters: { key } }),
      },
      journal: { exchanges: (of = {}) => control.exchanges(of) },
      putClient: (metadata) => control.putClient(metadata),
      namespace: async (name) => faceOf(`${running.issuer}/t/${name}`, () => running.dropNamespace(name)),
      async close() {
        control.close();
        await close();
      },
    };
  }

  return faceOf(running.issuer, () => running.close());
}

/** What a persona types; where it differs from the register, that is the reason why the persona exists. */
function personOf({ citizen, typed, line }: Persona): Person {
  const { year, month, day } = typed.birth;
  return {
    nationalCode: typed.nationalCode,
    givenName: citizen?.givenName ?? '',
    familyName: citizen?.familyName ?? '',
    birthDate: citizen?.birthDate ?? '',
    birthJalali: [year, month.padStart(2, '0'), day.padStart(2, '0')].join('/'),
    gender: citizen?.gender ?? '',
    mobile: line.mobile,
    ...(citizen?.fatherName !== undefined && { fatherName: citizen.fatherName }),
    ...(citizen?.shenasnamehNumber !== undefined && { shenasnamehNumber: citizen.shenasnamehNumber }),
    ...(citizen?.shenasnamehSerial !== undefined && { shenasnamehSerial: citizen.shenasnamehSerial }),
    ...(citizen?.placeOfIssue !== undefined && { placeOfIssue: citizen.placeOfIssue }),
  };
}

async function walkTo(authorizationUrl: string, { as, ...plan }: Walk, control: EmtaControl): Promise<string> {
  const origin = new URL(control.issuer).origin;
  const leavesEmta = ({ url }: { readonly url: string }) => new URL(url).origin !== origin;
  const agent = createUserAgent({ sites: sitesApart([origin]), locale: 'fa', now: systemClock.now, hosts: new Set() });
  const jar = emptyJar();
  const arrived = await agent.visit(jar, { method: 'GET', url: authorizationUrl }, { holdBefore: leavesEmta });
  const trace =
    arrived.ending.kind === 'page'
      ? await walkJourney(
          jar,
          arrived,
          as,
          plan,
          { agent, control, issuer: control.issuer },
          { holdBefore: leavesEmta },
        )
      : arrived;
  if (trace.ending.kind === 'held') return trace.ending.next.url;
  const title = trace.page?.title ?? '';
  throw new ConformanceError(
    'bad_walk',
    `expected Emta to send the browser back, it ended at ${endOf(trace).en}${title === '' ? '' : ` ("${title}")`}`,
  );
}

const POLL = 50;

async function newestCode(mobile: string, within: number, control: EmtaControl): Promise<string> {
  const deadline = systemClock.now() + within;
  for (;;) {
    const found = (await control.messages(mobile)).findLast(({ code }) => code !== undefined)?.code;
    if (found !== undefined) return found;
    if (systemClock.now() >= deadline) {
      throw new ConformanceError(
        'no_message',
        `expected an SMS with a code to ${mobile} within ${within} ms, got none`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}
