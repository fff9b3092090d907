import { createHash } from 'node:crypto';

/** One text per value: members sorted, no spaces (RFC 8785 for the values a report holds); undefined members left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((inner) => canonical(inner ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
  }
  const text = JSON.stringify(value);
  if (text === undefined) throw new Error(`a report holds JSON only, got ${typeof value}`);
  return text;
}

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** A record with its place in the chain: its hash covers itself and the hash before it. */
export type Chained<T> = T & { readonly previous: string; readonly hash: string };

/** Chains a record to the hash before it. */
export function chain<T extends object>(record: T, previous: string): Chained<T> {
  return { ...record, previous, hash: sha256(canonical({ ...record, previous })) };
}

/** Whether a record still has the hash it was chained with. */
export function isIntact(record: Readonly<Record<string, unknown>>): boolean {
  const { hash, ...rest } = record;
  return hash === sha256(canonical(rest));
}

/** The hash before the first record. */
export const genesis = '0'.repeat(64);
