import type { Mobile } from '../registry/citizen.ts';
import type { Ports } from './ports.ts';

const HOUR = 3600;

type Limits = Pick<Ports, 'store' | 'rules' | 'clock'>;

/** Minutes for which this number has to wait, or 0. The count is per number, so a new journey does not help. */
export async function minutesBlocked(mobile: Mobile, { store, clock }: Limits): Promise<number> {
  const until = await store.get(`blocked:{${mobile}}`);
  return typeof until === 'number' ? Math.max(1, Math.ceil((until - clock.now()) / 60_000)) : 0;
}

export async function block(mobile: Mobile, { store, rules, clock }: Limits): Promise<void> {
  await store.set(`blocked:{${mobile}}`, clock.now() + rules.block * 1000, rules.block);
}

/** Counts a miss of one kind; true once the limit is reached, and the number then has to wait. */
export async function isOneTooMany(kind: 'used-up' | 'identity', mobile: Mobile, ports: Limits): Promise<boolean> {
  const limit = kind === 'used-up' ? ports.rules.usedUpCodes : ports.rules.identityTries;
  const count = await ports.store.increment(`misses:${kind}:{${mobile}}`, ports.rules.block);
  if (count < limit) return false;
  await block(mobile, ports);
  return true;
}

/** Counts a code; false once the number has had its share of this hour. */
export async function mayHaveCode(mobile: Mobile, { store, rules }: Limits): Promise<boolean> {
  return (await store.increment(`codes:{${mobile}}`, HOUR)) <= rules.codesPerHour;
}
