import type { BrowserContext, CDPSession, Page as Tab } from 'playwright-core';
import type { Jar, StoredCookie } from './jar.ts';
import type { Cause, Ending, Hop, StepOptions } from './user-agent.ts';

/** A request that Chromium wants to make, held back by the Fetch domain of its protocol. */
export interface Paused {
  readonly requestId: string;
  readonly redirectedRequestId?: string;
  readonly resourceType: string;
  readonly frameId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly postDataEntries?: readonly { readonly bytes?: string }[];
  };
}

/** One window of a context, and its channel to Chromium. */
export interface View {
  readonly tab: Tab;
  readonly session: CDPSession;
  readonly frame: string;
  isLoading: boolean;
  /** An empty page that the harness puts here instead of asking anybody. */
  empty?: string;
  /** Why the next navigation comes. */
  nextCause?: Cause;
  /** Requests that came while nobody was looking. */
  readonly held: Paused[];
}

/** A step under way. */
export interface Running {
  readonly jar: Jar;
  readonly step: StepOptions;
  readonly home: string;
  readonly deadline: number;
  readonly hops: Hop[];
  readonly calls: Hop[];
  readonly pending: Map<string, string>;
  firstCause: Cause;
  initiator: string | undefined;
  chain: string[];
  /** Milliseconds the relying party and Emta took. */
  waited: number;
  touched: number;
  ending?: Ending;
  /** The browser was sent somewhere and has not asked yet. */
  expects: boolean;
  /** Windows that a page has opened and that are not watched yet. */
  opening: number;
  /** The last answer is a page with scripts. */
  isScripted: boolean;
  /** The last answer moves on by itself. */
  isPassing: boolean;
}

/** The windows of one person at one jar; the topmost is the one he looks at. */
export interface Seat {
  readonly views: View[];
  running: Running | undefined;
  shown: string | undefined;
}

/** What belongs to one jar. */
export interface Room {
  readonly context: BrowserContext;
  readonly seats: Seat[];
  /** Cookies as Chromium has them, by name, domain and path. */
  readonly mirror: Map<string, StoredCookie>;
  used: number;
  /** Visits under way. */
  guests: number;
}

export const isMessage = (error: unknown, pattern: RegExp): boolean =>
  typeof error === 'object' && error !== null && 'message' in error && pattern.test(String(error.message));

/** A request that Chromium gave up meanwhile, because its page went away. */
export const isGone = (error: unknown) =>
  isMessage(error, /Invalid InterceptionId|Invalid state for continueInterceptedRequest|Session closed|Target.*closed/);
/** A page that went away while it was looked at. */
export const isMoving = (error: unknown) =>
  isMessage(error, /Execution context was destroyed|navigating|Cannot find context|frame was detached|has been closed/);
