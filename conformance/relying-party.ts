import type { CapabilityName, OptionalMember } from './capability-names.ts';
import type { Profile } from './verdict.ts';

/** A request that starts or ends something: a GET, or a form. */
export interface Entry {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Values may hold `${mobile}` and `${national_code}`, which stand for what the citizen types. */
  readonly form: Readonly<Record<string, string>>;
}

/** How an answer tells In from Out: a value per account, or for `status` only that. */
export type SignedIn =
  /** 200 with a JSON member `sub` or `id`, 401 when nobody is signed in. */
  | { readonly kind: 'default' }
  /** A value per account at a path such as `$.user.id`. */
  | { readonly kind: 'json'; readonly path: string }
  /** Text of an element, or the value of its attribute. */
  | { readonly kind: 'css'; readonly selector: string; readonly attribute?: string }
  | { readonly kind: 'status'; readonly status: number };

export interface Probe {
  readonly url: string;
  readonly signedIn: SignedIn;
}

/** What a page must show; both where both are given. */
export interface PageSign {
  readonly text?: string;
  readonly selector?: string;
}

/** Where a prefilled value stands; without an attribute, in the element's text. */
export interface FieldPlace {
  readonly selector: string;
  readonly attribute?: string;
}

/** Client metadata as Emta registers it: names as on the wire, anything else it knows passed on. */
export interface ClientMetadata {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: string;
  readonly scope: string;
  readonly client_name?: string;
  readonly [member: string]: unknown;
}

export interface Launch {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly readyUrl: string;
  readonly timeoutSeconds: number;
}

export interface SecondIssuer {
  readonly start: Entry;
  readonly client: ClientMetadata;
  readonly env: Readonly<Record<string, string>>;
}

export type Driver =
  | { readonly kind: 'http' }
  | { readonly kind: 'browser' }
  | { readonly kind: 'command'; readonly command: readonly string[] };

/** The relying party under test, as its owner describes it. */
export interface RelyingParty {
  /** The file it came from, and its folder; both absolute. */
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly start: Entry;
  readonly protectedUrl: string;
  readonly client: ClientMetadata;
  /** Whether the file left `client_secret` out and one was made, to be printed. */
  readonly secretWasMade: boolean;
  readonly session?: Probe;
  readonly logout?: Entry;
  readonly refusal?: PageSign;
  readonly mismatch?: PageSign;
  readonly mobileStatus?: { readonly url: string; readonly verified: SignedIn };
  readonly locale: string;
  readonly registrationUrl?: string;
  /** Claim to place: `given_name` to `#name` and `value`. */
  readonly prefilled?: Readonly<Record<string, FieldPlace>>;
  readonly launch?: Launch;
  readonly secondIssuer?: SecondIssuer;
  /** As declared; what is left out is observed. */
  readonly capabilities: Readonly<Partial<Record<CapabilityName, boolean>>>;
  readonly profile: Profile;
  readonly driver: Driver;
  /** Whether `${port}` stands anywhere, so that copies can run side by side. */
  readonly usesPort: boolean;
  /** The optional members that the file has, for `applies when`. */
  readonly present: readonly OptionalMember[];
}
