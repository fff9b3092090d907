import { Agent } from 'node:http';
import type { Subject } from './child.ts';
import type { Walk } from './journeys.ts';

export interface Load {
  /** Number of the first journey; each number is somebody else. */
  readonly from: number;
  readonly journeys: number;
  /** Journeys under way at the same time. */
  readonly atOnce: number;
}

export interface Measured {
  readonly requests: number;
  /** CPU time of the server for one request, milliseconds. */
  readonly cpuPerRequest: number;
  readonly requestsPerSecond: number;
  /** Time to answer, milliseconds, sorted. */
  readonly times: readonly number[];
  /** Bytes on the heap afterwards, after a collection. */
  readonly heap: number;
  readonly rss: number;
}

/** Walks so many journeys and measures what they cost the server. */
export async function measure(subject: Subject, walk: Walk, { from, journeys, atOnce }: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const times: number[] = [];
  let next = from;
  const before = await subject.usage();
  const begun = performance.now();
  async function visitors(): Promise<void> {
    while (next < from + journeys) {
      const number = next;
      next += 1;
      times.push(...(await walk(subject.issuer, agent, number)));
    }
  }
  await Promise.all(Array.from({ length: atOnce }, visitors));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  const after = await subject.usage();
  return {
    requests: times.length,
    cpuPerRequest: (after.cpu - before.cpu) / times.length,
    requestsPerSecond: times.length / seconds,
    times: times.toSorted((one, other) => one - other),
    heap: after.heap,
    rss: after.rss,
  };
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((one, other) => one - other),
    0.5,
  );
}
