import type { Trace } from '../driver/user-agent.ts';
import type { Fingerprint } from '../facts.ts';
import { type Told, told } from '../told.ts';
import { fold } from './fold.ts';
import { blanked, type Needle } from './needles.ts';

/** What the session probe said. */
export type ProbeReading =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'anonymous';
      readonly evidence: Told;
      /** The answer is a page where JSON was asked for: that of a shell for nobody, or no probe at all. */
      readonly isPage?: true;
    }
  /** Signed in; without a value the probe cannot say who. */
  | { readonly kind: 'in'; readonly value?: string; readonly evidence: Told }
  | { readonly kind: 'unclear'; readonly evidence: Told };

/** One look at a jar: the probe, and protected_url. */
export interface Reading {
  readonly probe: ProbeReading;
  readonly page: Trace;
}

/** The relying party had its say: a page, or a visitor sent on to sign in. */
export const isAnswered = ({ ending }: Trace): boolean => ending.kind === 'page' || ending.kind === 'held';

/** Where a trace ended, in one line of a finding. */
export function endOf(trace: Trace): Told {
  const last = trace.hops.at(-1);
  const seen =
    last === undefined
      ? told`nothing was asked`
      : told`hop ${trace.hops.length}: ${`${last.method} ${last.url} -> ${last.status || last.statusText}`}`;
  switch (trace.ending.kind) {
    case 'page':
      return seen;
    case 'held':
      return told`${seen}, then on to ${trace.ending.next.url}`;
    case 'loop':
      return told`${seen}, and on without end (${trace.hops.length} hop(s))`;
    case 'silence':
      return told`${seen}: no answer within ${trace.ending.milliseconds} ms`;
    case 'broken':
      return told`${seen}: ${`${trace.ending.code} ${trace.ending.message}`}`;
    case 'off-limits':
      return told`${seen}, then off to ${trace.ending.url}`;
  }
}

/** The address a trace ended at, or was about to go to. */
export function placeOf(trace: Trace): string {
  switch (trace.ending.kind) {
    case 'held':
      return trace.ending.next.url;
    case 'loop':
      return trace.ending.next;
    case 'page':
      return trace.page?.url ?? trace.hops.at(-1)?.url ?? '';
    default:
      return trace.ending.url;
  }
}

const withoutNumbers = (text: string) => text.replace(/\d+/g, '#');

/** The fingerprint of where a trace ended: host, path, title, and text with every needle blanked. */
export function fingerprintOf(trace: Trace, needles: readonly Needle[]): Fingerprint {
  const url = placeOf(trace);
  const place = URL.canParse(url) ? new URL(url) : undefined;
  const { page } = trace;
  return {
    host: place?.host ?? '',
    path: place?.pathname ?? '',
    title: page === undefined ? '' : withoutNumbers(blanked(page.title, needles)),
    text: page === undefined ? '' : withoutNumbers(blanked(page.text, needles)).slice(0, 4000),
  };
}

const words = (text: string) =>
  new Set(
    fold(text)
      .split(' ')
      .filter((word) => word !== ''),
  );

/** 0 to 1: how alike two pages are. Host and path count, words count more. */
export function likeness(a: Fingerprint, b: Fingerprint): number {
  const [left, right] = [words(`${a.title} ${a.text}`), words(`${b.title} ${b.text}`)];
  const union = new Set([...left, ...right]).size;
  const common = [...left].filter((word) => right.has(word)).length;
  const byWords = union === 0 ? 1 : common / union;
  return (a.host === b.host && a.path === b.path ? 0.3 : 0) + 0.7 * byWords;
}

/** Two pages that nobody could tell apart. */
export const isAlike = (a: Fingerprint, b: Fingerprint): boolean => likeness(a, b) >= 0.97;
