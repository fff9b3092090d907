import type { WalkPlan } from '../driver/citizen-walker.ts';
import type { JsonObject } from '../driver/emta-wire.ts';
import type { Matcher } from '../judge/finding.ts';

/** A citizen's part in a case: `A`, `B`, or `M` for the attacker. */
export type Role = string;

/** What a citizen of a case is to be like, beside being new to everybody. */
export interface PersonWish {
  readonly minAge?: number;
  /** ISO date; `18 today` and `18 tomorrow` count by the Jalali calendar. */
  readonly bornOn?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly nationalCodeBegins?: string;
  /** Takes over a value of another citizen of the case. */
  readonly sharing?: {
    readonly with: Role;
    readonly what: readonly ('mobile' | 'givenName' | 'familyName' | 'email')[];
  };
}

/** A change of a callback URL that was kept back. */
export type CallbackChange =
  | { readonly kind: 'drop'; readonly parameter: string }
  | { readonly kind: 'set'; readonly parameter: string; readonly value: string }
  | { readonly kind: 'add'; readonly parameter: string; readonly value: string }
  /** The value it has in another callback that was kept. */
  | { readonly kind: 'take'; readonly parameter: string; readonly of: string }
  /** Puts an address of the attacker wherever the value holds one, or a path, also inside JSON and base64url. */
  | { readonly kind: 'graft'; readonly parameter: string; readonly address: string };

/** An address of the relying party. */
export type Place =
  | 'start'
  | 'protected'
  | 'registration'
  | 'logout'
  /** The registered redirect URI itself. */
  | 'callback'
  | { readonly url: string }
  /** The last page of a step. */
  | { readonly lastOf: string };

/** One act of a drive. `{trap}`, `{issuer}`, `{mark}`, `{A.mobile}`, `{A.national_code}` in texts are filled in. */
export type Step =
  | {
      readonly do: 'arm';
      readonly fault: string;
      readonly for: { readonly role: Role } | 'client' | 'issuer';
      readonly parameters?: JsonObject;
      readonly uses?: number;
    }
  | { readonly do: 'disarm'; readonly fault: string }
  | {
      readonly do: 'login';
      readonly jar: string;
      readonly as: Role;
      readonly label: string;
      readonly plan?: WalkPlan;
      /** The callback is kept back instead of followed. */
      readonly hold?: boolean;
      /** Added to the query of start_url. */
      readonly query?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
      /** What is typed at the relying party before Emta, where that is somebody else's. */
      readonly typing?: { readonly mobile?: string; readonly nationalCode?: string };
      readonly from?: 'start' | 'registration' | 'second-issuer';
      /** A site that starts no login for somebody signed in is left by its logout, or its cookies, first. */
      readonly again?: boolean;
    }
  /** Goes from start_url to Emta's first page and leaves the login pending. */
  | {
      readonly do: 'begin';
      readonly jar: string;
      readonly as: Role;
      readonly label: string;
      readonly query?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly host?: string;
    }
  /** Takes a pending login up again. */
  | {
      readonly do: 'resume';
      readonly jar: string;
      readonly of: string;
      readonly as: Role;
      readonly label: string;
      readonly plan?: WalkPlan;
      readonly hold?: boolean;
    }
  /** Sends a browser to a callback that was kept back. */
  | {
      readonly do: 'deliver';
      readonly jar: string;
      readonly of: string;
      readonly label: string;
      readonly change?: readonly CallbackChange[];
      /** `attacker`: by a link on a page of another site. */
      readonly by?: 'emta' | 'attacker';
      readonly method?: 'GET' | 'POST' | 'HEAD';
    }
  /** A callback made of nothing. */
  | {
      readonly do: 'forge';
      readonly jar: string;
      readonly label: string;
      readonly query: Readonly<Record<string, string>>;
      readonly by?: 'emta' | 'attacker';
    }
  | {
      readonly do: 'visit';
      readonly jar: string;
      readonly label: string;
      readonly to: Place;
      /** Another name of the same host. */
      readonly host?: string;
      readonly query?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly by?: 'attacker';
    }
  /** Goes to where the last page of a step sends itself after a while; does nothing where the page stays. */
  | { readonly do: 'stay'; readonly jar: string; readonly of: string; readonly label: string }
  | { readonly do: 'look'; readonly jar: string; readonly label: string }
  /** A control login by this citizen in a jar of his own, to learn his account. */
  | { readonly do: 'learn'; readonly as: Role }
  | {
      readonly do: 'logout';
      readonly jar: string;
      readonly label: string;
      readonly by?: 'attacker';
      readonly query?: Readonly<Record<string, string>>;
    }
  /** The jar without the cookies that open the session. */
  | { readonly do: 'forget-session'; readonly jar: string }
  /** Writes down the relying party's cookies in a jar. */
  | { readonly do: 'note-cookies'; readonly jar: string; readonly label: string }
  /** Looks once more for each cookie of the relying party, that one left out. */
  | { readonly do: 'try-without-each'; readonly jar: string; readonly label: string }
  /** Looks with a fresh jar that holds these cookies alone. */
  | { readonly do: 'look-with'; readonly cookies: string; readonly only?: string; readonly label: string }
  /** Puts the cookies noted under a label into a jar. */
  | { readonly do: 'plant'; readonly cookies: string; readonly jar: string }
  | { readonly do: 'copy-jar'; readonly jar: string; readonly to: string }
  | { readonly do: 'clock'; readonly seconds: number }
  /** Waits on the wall's clock until so long after the last key fetch. */
  | { readonly do: 'cool-down'; readonly seconds: number }
  /** The refused callback over one kept-alive connection, with one more request behind it. */
  | { readonly do: 'raw'; readonly jar: string; readonly of: string; readonly label: string }
  | { readonly do: 'together'; readonly branches: readonly (readonly Step[])[] }
  /** Visits every link of a page that stays at home, each with a copy of the jar, to see where it leads. */
  | { readonly do: 'try-links'; readonly jar: string; readonly of: string; readonly label: string }
  /** Sends the last form of a step once more, as it was. */
  | { readonly do: 'repeat'; readonly jar: string; readonly of: string; readonly label: string }
  /** Goes on only where a step of a registration came to this page. */
  | {
      readonly do: 'if-at';
      readonly page: 'validation-code' | 'confirm';
      readonly of: string;
      readonly then: readonly Step[];
    }
  /** Goes on only where nobody is signed in. */
  | { readonly do: 'if-out'; readonly of: string; readonly then: readonly Step[] }
  /** Ends the drive unless this step reached Emta. */
  | { readonly do: 'need-emta'; readonly of: string }
  /** Ends the drive unless this step came back to the relying party. */
  | { readonly do: 'need-return'; readonly of: string }
  /**
   * A copy of the relying party, started anew; ends with the case. `untrusted`: configured with an issuer whose
   * certificate nobody should trust. `second-issuer`: with the hostile issuer beside Emta, which passes logins on.
   */
  | { readonly do: 'relaunch'; readonly with?: 'untrusted' | 'other-name' | 'second-issuer' }
  /** Registration, where the relying party has it: what is done on the last page of another step. */
  | ({
      readonly do: 'register';
      readonly jar: string;
      readonly label: string;
      readonly of: string;
      readonly as: Role;
    } & RegistrationAct);

/** Fields are found by `prefilled`, by type and by the circular's labels. */
export type RegistrationAct =
  | {
      readonly act: 'personal-data';
      readonly password?: string;
      readonly without?: 'issue_date' | 'address' | 'education';
      /** Whose values are posted in the identity fields. */
      readonly identity?: Role;
    }
  /** `right`: from the outbox; a label: the right code of that step. */
  | { readonly act: 'validation-code'; readonly code: 'none' | 'wrong' | 'right' | { readonly of: string } }
  | {
      readonly act: 'confirm';
      readonly code: 'none' | 'wrong' | 'right' | { readonly of: string };
      readonly twice?: boolean;
    }
  | { readonly act: 'sign-in'; readonly password?: string };

export interface Case {
  /** The variant, for rows that run once for each. */
  readonly label: string;
  readonly people: Readonly<Record<Role, PersonWish>>;
  readonly drive: readonly Step[];
  readonly expect: readonly Matcher[];
  /** The look or step whose page the report shows of it; the last step when left out. */
  readonly shown?: string;
  /** How Emta told a refusal or a mismatch. */
  readonly carrier?: string;
  /** Only where the relying party fits. */
  readonly onlyIf?:
    | 'has-second-redirect-uri'
    | 'issuer-is-https'
    | 'issuer-is-http'
    | 'can-be-copied'
    | 'cannot-be-copied';
  /** An expression of capabilities and optional members, as in the catalogue. */
  readonly when?: string;
  /** Whose number the relying party gets for a citizen, where a fault changes it. */
  readonly numberOf?: Readonly<Record<Role, Role>>;
  /** Faults that may stay undelivered: the row says what that means. */
  readonly mayMiss?: readonly string[];
}

/** How one row is put to the test. Data: nothing here opens a connection. */
export interface Scenario {
  readonly id: string;
  readonly cases: readonly Case[];
  /** `calibration`: judged by what calibration saw. `gathered`: by what the cases of other rows saw. `alone`: with nobody else about. `last`: so too, unless it keeps to a copy of the relying party. `slow`: waits on the wall's clock. `quiet`: alone, and when nothing waits any more. */
  readonly runs: 'first' | 'beside' | 'alone' | 'calibration' | 'slow' | 'last' | 'quiet' | 'gathered';
  /** Rows that need one more login settle it by themselves: no controls around them. */
  readonly controls?: 'none';
}
