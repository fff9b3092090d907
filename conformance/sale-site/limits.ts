import type { Clock } from './ports.ts';

/** Counts what happens to a key, and says when it has happened too often. */
export interface Limit {
  /** Counts one more; false once the key has had its share. */
  allows(key: string): boolean;
  forget(key: string): void;
}

const keys = 50_000;

export function createLimit({ clock }: { readonly clock: Clock }, times: number, withinMinutes: number): Limit {
  const counts = new Map<string, { count: number; readonly until: number }>();
  return {
    allows(key) {
      for (const [other, { until }] of counts) {
        if (until <= clock.now() || counts.size >= keys) counts.delete(other);
      }
      const counted = counts.get(key) ?? { count: 0, until: clock.now() + withinMinutes * 60_000 };
      counted.count += 1;
      counts.set(key, counted);
      return counted.count <= times;
    },
    forget(key) {
      counts.delete(key);
    },
  };
}
