import type { Hop } from '../../driver/user-agent.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import type { Finding } from '../finding.ts';

/** The finding where what is to be judged was not seen. */
export const notSeen = (seen: Seen, kind: Finding['kind'], expected: Told, missing: Told, where: Told): Finding => ({
  kind,
  expected,
  observed: seen.stopped ?? missing,
  where,
  positive: false,
  points: 'unclear',
});

/** The finding on a step that never came about. */
export const noSuchStep = (seen: Seen, kind: Finding['kind'], expected: Told, label: string): Finding =>
  notSeen(seen, kind, expected, told`no such step`, verbatim(label));

/** The finding where nobody looked. */
export const noLook = (seen: Seen, kind: Finding['kind'], expected: Told, label: string): Finding =>
  notSeen(seen, kind, expected, told`nobody looked`, verbatim(label));

/** The finding where the steps showed no page. */
export const noPage = (seen: Seen, kind: Finding['kind'], expected: Told, label: string): Finding =>
  notSeen(seen, kind, expected, told`no page was seen`, verbatim(label));

/** Whether a hop is at the relying party. */
export const isOwn = (seen: Seen) => (hop: Hop) => seen.setting.origins.includes(new URL(hop.url).origin);
