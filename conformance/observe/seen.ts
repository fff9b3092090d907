import type { CapabilityReading } from '../capabilities.ts';
import type { Exchange } from '../driver/emta-wire.ts';
import type { StoredCookie } from '../driver/jar.ts';
import type { Person } from '../driver/person.ts';
import type { Trapped } from '../driver/trap.ts';
import type { Trace } from '../driver/user-agent.ts';
import type { Fingerprint } from '../facts.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Told } from '../told.ts';
import type { Profile } from '../verdict.ts';
import type { Needle } from './needles.ts';
import type { Reading } from './reading.ts';

/** What is known of the relying party and of this run, the same for every case. */
export interface Setting {
  readonly rp: RelyingParty;
  readonly profile: Profile;
  readonly issuer: string;
  /** That issuer was made for copies of the relying party, and nobody else uses it. */
  readonly isApart?: boolean;
  /** The origin of Emta's pages and endpoints. */
  readonly emtaOrigin: string;
  /** Origins that are the relying party's own. */
  readonly origins: readonly string[];
  readonly trapOrigin: string;
  /** A second copy of the relying party can run beside it. */
  readonly canBeCopied: boolean;
  readonly capabilities: readonly CapabilityReading[];
  /** The host of a copy stands for that of the relying party itself when pages are compared. */
  readonly standsFor?: { readonly host: string; readonly copy: string };
  /** How the pages of calibration looked; null before it, or where it failed. */
  readonly anonymous: Fingerprint | null;
  readonly signedIn: Fingerprint | null;
  readonly refused: Fingerprint | null;
  /** Endpoints of Emta that the relying party was seen to call in a good login. */
  readonly channels: ReadonlySet<string>;
  /** Names of query parameters that the relying party's own addresses were seen to carry a return address in. */
  readonly returnParameters: readonly string[];
  /** Needles of everybody in calibration, to be blanked when pages are compared. */
  readonly calibrationNeedles: readonly Needle[];
}

/** A try-out of a cookie: what the jar opened with it changed. */
export interface CookieTrial {
  readonly cookie: string;
  readonly reading: Reading;
}

/** Where a link of a page leads. */
export interface TriedLink {
  readonly href: string;
  readonly text: string;
  readonly leadsTo: 'emta' | 'page' | 'elsewhere';
}

/** What a raw connection answered, for rows about framing. */
export interface RawAnswers {
  readonly responses: readonly {
    readonly status: number;
    readonly declared: number | 'chunked' | 'close';
    readonly received: number;
  }[];
  /** Bytes after the last response that was asked for. */
  readonly surplus: number;
  readonly problem?: string;
}

/** Everything one case saw, from both ends. Nothing in it judges. */
export interface Seen {
  readonly setting: Setting;
  readonly mark: string;
  readonly people: Readonly<Record<string, Person>>;
  readonly needles: Readonly<Record<string, readonly Needle[]>>;
  readonly traces: Readonly<Record<string, Trace>>;
  readonly looks: Readonly<Record<string, Reading>>;
  /** Whose account a probe value is, as learned in control logins: a role of this case, or `other`. */
  readonly accounts: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, readonly StoredCookie[]>>;
  readonly trials: Readonly<Record<string, readonly CookieTrial[]>>;
  readonly raw: Readonly<Record<string, RawAnswers>>;
  readonly links: Readonly<Record<string, readonly TriedLink[]>>;
  /** What was posted at a step of a registration, by name of the field. */
  readonly posted: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Answers of mobile_status, by label. */
  readonly mobileStatus: Readonly<Record<string, 'verified' | 'unverified' | 'unclear'>>;
  /** Calls of this case's journeys, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** Calls of this client that belong to no journey, made while the case ran; with others beside it, maybe theirs. */
  readonly strays: readonly Exchange[];
  /** Calls of discovery and of the key set while the case ran; with others beside it, maybe theirs. */
  readonly fetches: readonly Exchange[];
  /** Calls that reached the hostile issuer, where the case has one. */
  readonly hostile: readonly Exchange[];
  readonly isAlone: boolean;
  /** Why a copy of the relying party did not start, where it did not. */
  readonly relaunchProblem?: string;
  readonly delivered: Readonly<Record<string, number>>;
  readonly trapped: readonly Trapped[];
  /** Why the drive stopped before its end, where it did. */
  readonly stopped?: Told;
}
