import type { Arming } from '../faults/arming.ts';
import { describeFaults } from '../faults/catalogue.ts';
import { EmtaError } from '../kernel/errors.ts';
import type { Mobile } from '../registry/citizen.ts';
import { nationalForm, parseMobile } from '../registry/mobile.ts';
import type { Outbox } from '../sms/outbox.ts';
import type { Input, Journey, Outcome, StepName } from '../steps/journey.ts';
import type { PersonaNote } from './control/ports.ts';
import type { HelperStrip } from './pages.ts';

export interface HelperPorts {
  readonly personas: readonly PersonaNote[];
  readonly arming: Pick<Arming, 'arm'>;
  readonly outbox: Pick<Outbox, 'list'>;
  readonly basePath: string;
}

/** A page that has the strip: a step's, or that of a dead end. */
export type HelperPage = StepName | 'stopped';

/** The developer's short cuts below the pages; they fill forms in, and every button of a page stays the citizen's. */
export interface Helper {
  /** `armed` is the fault that was armed just before, where it was. */
  strip(
    page: HelperPage,
    journey: Journey,
    around: { readonly path: string; readonly csrf: string; readonly armed?: string | undefined },
  ): Promise<HelperStrip>;
  /** What one of the short cuts does to the journey. Throws where it names an unknown persona or fault. */
  act(page: HelperPage, input: Input, journey: Journey): Promise<Outcome>;
}

/** What can still go wrong after a page, by where faults act. */
const PAST: Readonly<Record<HelperPage, readonly string[]>> = {
  mobile: [],
  captcha: [],
  verification: [],
  stopped: [],
  consent: ['sms', 'register'],
};

/** Faults that a number is enough for, and that need nothing to be told. */
const offered = describeFaults().filter(
  ({ narrowest, parameters }) => narrowest === 'mobile' && parameters.every(({ required }) => !required),
);

type FaultNames = HelperStrip['faults'];

/** The same list each time, so that it is drawn once. */
const faultsOn: Readonly<Record<HelperPage, FaultNames>> = {
  mobile: faultsAfter('mobile'),
  captcha: faultsAfter('captcha'),
  verification: faultsAfter('verification'),
  stopped: faultsAfter('stopped'),
  consent: faultsAfter('consent'),
};
const none: readonly never[] = [];

function faultsAfter(page: HelperPage): FaultNames {
  return offered
    .filter(({ acts }) => !acts.every((act) => PAST[page].includes(act)))
    .map(({ id, summary }) => ({ id, summary }));
}

export function createHelper(ports: HelperPorts): Helper {
  const { personas, arming, outbox, basePath } = ports;
  const people = personas.map(({ id, name, mobile: number }) => ({ id, name: name ?? id, about: spelled(number) }));

  async function newestCode(mobile: Mobile): Promise<string | undefined> {
    const messages = await outbox.list(mobile);
    return messages.findLast(({ from, status, code }) => from === 'emta' && status === 'delivered' && code)?.code;
  }

  return {
    async strip(page, journey, { path, csrf, armed }) {
      const mobile = numberOf(journey);
      const code = mobile && page === 'verification' ? await newestCode(mobile) : undefined;
      const done = offered.find(({ id }) => id === armed);
      const hasPersonas = page === 'mobile' || page === 'verification';
      return {
        csrf,
        action: `${path}/helper?at=${page}`,
        personas: hasPersonas ? people : none,
        ...(code && { code }),
        ...(page === 'captcha' && journey.captcha && { captcha: journey.captcha.text }),
        faults: mobile ? faultsOn[page] : none,
        ...(done && { armed: { id: done.id, summary: done.summary } }),
        phone: `${basePath}/_emta/${mobile ? `?mobile=${nationalForm(mobile)}` : ''}`,
      };
    },

    async act(page, input, journey) {
      switch (input.act) {
        case 'persona':
          return filledIn(journey, fieldsOf(page, personaNamed(personas, input.persona)));
        case 'captcha':
          return filledIn(journey, { captcha: journey.captcha?.text ?? '' });
        case 'code':
          return filledIn(journey, { code: (journey.mobile && (await newestCode(journey.mobile))) ?? '' });
        case 'fault': {
          const mobile = numberOf(journey);
          if (mobile) await arming.arm({ fault: input.fault ?? '', scope: { mobile } });
          return { kind: 'render', journey };
        }
        default:
          throw new EmtaError(
            'bad_option',
            `expected "act" to be persona, captcha, code or fault, got "${input.act ?? ''}"`,
          );
      }
    },
  };
}

/** The number given, or the one that stands in the form. */
function numberOf({ mobile, misses }: Journey): Mobile | undefined {
  const typed = parseMobile(misses?.values.mobile ?? '');
  return mobile ?? (typed.ok ? typed.value : undefined);
}

function spelled(number: string): string {
  const mobile = parseMobile(number);
  return mobile.ok ? nationalForm(mobile.value) : number;
}

function filledIn(journey: Journey, fields: Input): Outcome {
  const { notice: _notice, ...kept } = journey;
  return {
    kind: 'render',
    journey: { ...kept, misses: { values: { ...journey.misses?.values, ...fields }, errors: [] } },
  };
}

function personaNamed(personas: readonly PersonaNote[], id: string | undefined): PersonaNote {
  const found = personas.find((persona) => persona.id === id);
  if (!found) throw new EmtaError('unknown_persona', `expected the id of a persona, got "${id ?? ''}"`);
  return found;
}

function fieldsOf(page: HelperPage, { mobile, nationalCode, birth }: PersonaNote): Input {
  if (page === 'mobile') return { mobile: spelled(mobile) };
  const [year = '', month = '', day = ''] = birth.split('/');
  return { national_code: nationalCode, birth_year: year, birth_month: month, birth_day: day };
}
