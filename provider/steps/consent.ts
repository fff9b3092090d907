import type { Input, Journey, Outcome } from './journey.ts';

/** Takes the citizen's word on the two accesses (circular step 4). Anything but a grant or refusal asks again. */
export async function consent(input: Input, journey: Journey): Promise<Outcome> {
  switch (input.decision) {
    case 'grant':
      return { kind: 'finish', journey };
    case 'refuse':
      return { kind: 'deny', journey, reason: 'consent_refused' };
    default:
      return { kind: 'render', journey };
  }
}
