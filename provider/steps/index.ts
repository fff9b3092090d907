import { captcha, refreshCaptcha } from './captcha.ts';
import { consent } from './consent.ts';
import type { Input, Journey, Outcome, Reason, StepName } from './journey.ts';
import { mobile } from './mobile.ts';
import type { Ports } from './ports.ts';
import { resend, verification } from './verification.ts';

export type Step = (input: Input, journey: Journey, ports: Ports) => Promise<Outcome>;

interface NamedStep {
  readonly name: StepName;
  readonly decide: Step;
  /** Other buttons of the page, by the last part of their path. */
  readonly actions: Readonly<Record<string, Step>>;
}

/** The journey, in order (circular steps 1 to 4). */
export const steps: readonly NamedStep[] = [
  { name: 'mobile', decide: mobile, actions: {} },
  { name: 'captcha', decide: captcha, actions: { refresh: refreshCaptcha } },
  { name: 'verification', decide: verification, actions: { resend } },
  { name: 'consent', decide: consent, actions: {} },
];

/** Whether the page of a step may be seen and posted now; the number may be changed until it is verified. */
export function isOpen(name: StepName, { step, deadEnd, outcome }: Journey): boolean {
  if (outcome) return false;
  if (name === 'mobile' && (step === 'captcha' || step === 'verification'))
    return !deadEnd || deadEnd.retry !== undefined;
  return name === step && (!deadEnd || deadEnd.retry === name);
}

/** What the relying party is told of somebody who leaves by the exit of a page. */
export function reasonForLeaving({ deadEnd }: Journey): Reason {
  return deadEnd?.reason ?? 'cancelled';
}

/** OAuth error code, and a description whose first word is the reason. */
export function errorOf(reason: Reason, { step }: Journey): { readonly error: string; readonly description: string } {
  const isDown = reason === 'register_unreachable' || reason === 'ownership_unknown';
  return {
    error: isDown ? 'temporarily_unavailable' : 'access_denied',
    description: `${reason}: the citizen left at the step ${step}`,
  };
}
