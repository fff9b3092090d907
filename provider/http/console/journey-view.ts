import type { Exchange } from '../../journal/journal.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { Client } from '../../oidc/clients.ts';
import { nationalForm } from '../../registry/mobile.ts';
import type { Journey } from '../../steps/journey.ts';
import type { JourneyRules } from '../../steps/rules.ts';
import type { Lang, Message } from '../message.ts';
import { explain } from './explain.ts';
import type { JourneyView } from './pages.ts';

interface About {
  readonly clock: Clock;
  readonly rules: JourneyRules;
  readonly lang: Lang;
  readonly client: Client | undefined;
  readonly exchanges: readonly Exchange[];
  /** Path of the console, with a slash at its end. */
  readonly home: string;
  /** Which of the steps it is at, counted from 1. */
  readonly step: number;
}

/** Where a journey stands, for somebody who did not see it. */
export function journeyView(journey: Journey, about: About): JourneyView {
  const { client, exchanges, home, lang } = about;
  const facts = { ...(client && { client }), others: exchanges };
  const state = stateOf(journey, about);
  const isRunning = state === 'running';
  return {
    href: `${home}journeys/${journey.uid}`,
    uid: journey.uid,
    client: (lang === 'en' ? client?.emta_client_name_en : undefined) ?? journey.clientName,
    at: new Date(journey.startedAt).toISOString(),
    state,
    status: statusOf(journey, state),
    step: about.step,
    ...(journey.mobile && { mobile: nationalForm(journey.mobile) }),
    ...(isRunning && journey.step === 'captcha' && journey.captcha && { captcha: journey.captcha.text }),
    ...(isRunning && journey.step === 'verification' && journey.code && { code: journey.code.text }),
    slips: exchanges.filter((exchange) => explain(exchange, facts) !== undefined).length,
    faults: [...new Set(exchanges.flatMap(({ delivered }) => delivered))],
  };
}

function stateOf({ outcome, deadEnd, startedAt }: Journey, { clock, rules }: About): JourneyView['state'] {
  if (outcome) return outcome === 'granted' ? 'granted' : 'refused';
  if (clock.now() - startedAt >= rules.journeyTtl * 1000) return 'expired';
  return deadEnd ? 'stopped' : 'running';
}

function statusOf({ outcome, deadEnd, step }: Journey, state: JourneyView['state']): Message {
  const ended = outcome ?? deadEnd?.reason;
  if (state === 'expired') return { key: 'console.journey.expired' };
  return ended ? { key: `console.outcome.${ended}` } : { key: `console.step.${step}` };
}
