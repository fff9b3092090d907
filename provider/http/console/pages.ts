import type { Message } from '../message.ts';

/** The parts of the console, in the order of its navigation. */
export type ConsolePart = 'live' | 'phone' | 'citizens' | 'numbers' | 'clients' | 'faults' | 'instance';

/** What every page of the console carries. */
export interface ConsolePage {
  readonly part: ConsolePart;
  readonly nav: readonly { readonly part: ConsolePart; readonly label: Message; readonly href: string }[];
  /** Address of the same page in the other language. */
  readonly otherLanguage: string;
  /** Where the page learns that something happened; left out, it stays as it is. */
  readonly events?: string;
  /** What was just done. */
  readonly done?: Message;
  /** Why it was not done, as the control interface says it. */
  readonly problem?: { readonly title: Message; readonly text: string; readonly hint?: string };
}

/** A page with forms that change something. */
export interface FormPage extends ConsolePage {
  /** Value of the hidden field `csrf` of each of them. */
  readonly csrf: string;
}

export interface SmsView {
  readonly id: string;
  /** ISO instant. */
  readonly at: string;
  readonly from: string;
  readonly text: string;
  readonly code?: string;
  readonly status: 'delivered' | 'lost' | 'undeliverable';
}

export interface NumberedSms extends SmsView {
  /** Whose phone, in the national form, and the address of its inbox. */
  readonly mobile: string;
  readonly href: string;
}

export interface JourneyView {
  readonly href: string;
  readonly uid: string;
  readonly client: string;
  /** ISO instant. */
  readonly at: string;
  readonly state: 'running' | 'granted' | 'refused' | 'stopped' | 'expired';
  /** What is going on, or how it ended. */
  readonly status: Message;
  /** 1 to 4. */
  readonly step: number;
  /** National form. */
  readonly mobile?: string;
  /** The answer of the captcha, where that is asked for now. */
  readonly captcha?: string;
  /** The newest code, where that is asked for now. */
  readonly code?: string;
  /** Refusals of the relying party's requests. */
  readonly slips: number;
  /** Ids of the faults delivered. */
  readonly faults: readonly string[];
}

/** Name and value, as they went over the wire. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

export interface ExplanationView {
  readonly title: Message;
  readonly rule: string;
  readonly expected: Message;
  readonly expectedValues: readonly string[];
  readonly receivedValues: readonly string[];
  readonly cause: Message;
}

export interface ExchangeView {
  readonly seq: number;
  /** ISO instant. */
  readonly at: string;
  /** What such a request is for. */
  readonly about: Message;
  readonly method: string;
  readonly path: string;
  /** 0 where nothing was answered. */
  readonly status: number;
  readonly isRefused: boolean;
  readonly client?: string;
  readonly faults: readonly string[];
  readonly explanation?: ExplanationView;
  readonly query: readonly Pair[];
  readonly form: readonly Pair[];
  readonly requestHeaders: readonly Pair[];
  readonly responseHeaders: readonly Pair[];
  readonly body?: string;
  /** Header and claims of an ID token in the answer. */
  readonly token?: string;
}

export interface LivePage extends ConsolePage {
  readonly issuer: string;
  /** What a library needs to know, for who has not begun. */
  readonly discovery?: string;
  readonly journeys: readonly JourneyView[];
  readonly messages: readonly NumberedSms[];
  /** Exchanges that belong to no journey: metadata, keys, requests refused before they began one. */
  readonly loose: readonly ExchangeView[];
}

export interface JourneyDetails extends ConsolePage {
  readonly journey: JourneyView;
  readonly exchanges: readonly ExchangeView[];
}

export interface PhonePage extends ConsolePage {
  /** Address of this very page. */
  readonly reload: string;
  /** Address of the inbox of all numbers. */
  readonly all: string;
  /** The number the inbox is narrowed to; empty for all. */
  readonly mobile: string;
  readonly phones: readonly {
    readonly mobile: string;
    readonly href: string;
    readonly messages: readonly SmsView[];
  }[];
}

export interface PersonView {
  readonly href: string;
  readonly name: string;
  readonly nationalCode: string;
  /** Jalali, as it is typed. */
  readonly birth: string;
  readonly mobile?: string;
  /** What is special about them. */
  readonly marks: readonly Message[];
  /** Why this persona exists, in the language of the page. */
  readonly reason?: string;
  readonly persona?: string;
}

export interface CitizensPage extends ConsolePage {
  readonly find: string;
  readonly add: string;
  /** Whether these are all the personas, and nobody was looked for. */
  readonly isWelcome: boolean;
  readonly people: readonly PersonView[];
}

/** One line of a form's input. */
export interface FieldView {
  readonly name: string;
  readonly label: Message;
  readonly value: string;
  readonly hint?: Message;
  /** Codes and addresses, which read from the left. */
  readonly isCode?: boolean;
  /** Digits, drawn as the language draws them. */
  readonly isNumber?: boolean;
  readonly readonly?: boolean;
  readonly required?: boolean;
}

export interface CheckView {
  readonly name: string;
  readonly value: string;
  readonly label: Message;
  readonly isChecked: boolean;
}

export interface ChoiceView {
  readonly name: string;
  readonly label: Message;
  readonly choices: readonly { readonly value: string; readonly label: Message; readonly isChosen: boolean }[];
}

export interface LineView {
  /** Begins the ids of its inputs. */
  readonly prefix: string;
  readonly action: string;
  /** Left out for a new one. */
  readonly mobile?: string;
  readonly fields: readonly FieldView[];
  readonly choices: readonly ChoiceView[];
  readonly checks: readonly CheckView[];
}

export interface CitizenPage extends FormPage {
  /** Whose page it is; left out for a new one. */
  readonly title?: string;
  readonly back: string;
  readonly action: string;
  readonly fields: readonly FieldView[];
  readonly choices: readonly ChoiceView[];
  readonly checks: readonly CheckView[];
  /** What one types at Emta, to copy. */
  readonly typed: readonly { readonly label: Message; readonly value: string }[];
  readonly lines: readonly LineView[];
  readonly newLine?: LineView;
}

export interface NumbersPage extends ConsolePage {
  readonly blocks: readonly {
    readonly id: string;
    /** What tells the block apart, after the prefix. */
    readonly digits: string;
    readonly outcome: Message;
    readonly first: string;
    readonly last: string;
    readonly nationalCode: string;
    readonly birth: string;
    readonly code: string;
    readonly returns: string;
  }[];
}

export interface ClientsPage extends ConsolePage {
  readonly add: string;
  readonly clients: readonly {
    readonly id: string;
    readonly name: string;
    readonly href: string;
    readonly method: string;
    readonly redirectUris: readonly string[];
  }[];
}

export interface ClientPage extends FormPage {
  /** Whose page it is; left out for a new one. */
  readonly title?: string;
  readonly back: string;
  readonly action: string;
  readonly remove?: string;
  readonly fields: readonly FieldView[];
  readonly choices: readonly ChoiceView[];
  readonly redirectUris: string;
  readonly scopes: readonly CheckView[];
  /** Members that have no field of their own, as JSON. */
  readonly others: string;
  /** Settings to paste, by library. */
  readonly settings: readonly { readonly library: string; readonly file: string; readonly text: string }[];
}

export interface FaultsPage extends FormPage {
  /** Where several are armed. */
  readonly disarmAll?: string;
  readonly armed: readonly {
    readonly id: string;
    readonly fault: string;
    readonly href: string;
    readonly scope: Message;
    readonly parameters?: string;
    readonly delivered: number;
    readonly uses?: number;
    readonly disarm: string;
  }[];
  readonly find: string;
  readonly places: readonly {
    readonly id: string;
    readonly title: Message;
    readonly faults: readonly {
      readonly id: string;
      readonly summary: string;
      readonly breaks: string;
      readonly href: string;
    }[];
  }[];
}

export interface FaultPage extends FormPage {
  readonly id: string;
  readonly summary: string;
  readonly breaks: string;
  readonly back: string;
  readonly action: string;
  readonly reach: Message;
  /** For whom it can be armed. */
  readonly scopes: readonly FieldView[];
  readonly issuer: CheckView;
  readonly fields: readonly (FieldView & {
    /** What the catalogue says of a parameter, in English. */
    readonly about: { readonly meaning: string; readonly choices?: string; readonly usual?: string };
  })[];
  readonly uses: string;
}

export interface InstancePage extends FormPage {
  readonly facts: readonly ({ readonly label: Message } & ({ readonly value: string } | { readonly count: number }))[];
  /** ISO instant. */
  readonly now: string;
  /** The same, to read. */
  readonly today: string;
  readonly ahead: number;
  readonly advance: string;
  readonly steps: readonly { readonly seconds: number; readonly label: Message }[];
  readonly keys: readonly { readonly kid: string; readonly alg: string; readonly use: string }[];
  readonly jwks: string;
  readonly reset: string;
  readonly snapshot: string;
  readonly restore: string;
}

export interface SignInPage {
  readonly csrf: string;
  readonly action: string;
  readonly otherLanguage: string;
  readonly isWrong: boolean;
}

export interface ConsolePages {
  readonly 'console/live': LivePage;
  readonly 'console/journey': JourneyDetails;
  readonly 'console/phone': PhonePage;
  readonly 'console/citizens': CitizensPage;
  readonly 'console/citizen': CitizenPage;
  readonly 'console/numbers': NumbersPage;
  readonly 'console/clients': ClientsPage;
  readonly 'console/client': ClientPage;
  readonly 'console/faults': FaultsPage;
  readonly 'console/fault': FaultPage;
  readonly 'console/instance': InstancePage;
  readonly 'console/sign-in': SignInPage;
}
