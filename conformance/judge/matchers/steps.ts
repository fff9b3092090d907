import type { Hop } from '../../driver/user-agent.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import type { Finding } from '../finding.ts';

/** The finding on a step that never came about. */
export const noSuchStep = (seen: Seen, kind: Finding['kind'], expected: Told, label: string): Finding => ({
  kind,
  expected,
  observed: seen.stopped ?? told`no such step`,
  where: verbatim(label),
  positive: false,
  points: 'unclear',
});

/** Whether a hop is at the relying party. */
export const isOwn = (seen: Seen) => (hop: Hop) => seen.setting.origins.includes(new URL(hop.url).origin);

/** What Emta's record does not hold, so that nothing can be judged by it. */
export const notSeen = (seen: Seen, expected: Told, missing: Told, where: Told): Finding => ({
  kind: 'L',
  expected,
  observed: seen.stopped ?? missing,
  where,
  positive: false,
  points: 'unclear',
});
