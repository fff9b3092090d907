import type { ConsolePages } from './console/pages.ts';
import type { Lang, Message, MessageKey } from './message.ts';

export type { Lang, Message, MessageKey };

/** What every page of a journey carries. */
export interface JourneyPage {
  /** Value of the hidden field `csrf` of every form. */
  readonly csrf: string;
  /** Path of the journey without a slash at its end, e.g. `/journey/V1StGXR8`. */
  readonly journey: string;
  /** The relying party, by its name in the language of the page. */
  readonly client: string;
  /** Address of the same page in the other language; left out, no link is shown. */
  readonly otherLanguage?: string;
  /** The developer's strip below the portal; left out, the page has none. */
  readonly helper?: HelperStrip;
}

/** The developer's short cuts. Each posts to `action` with `csrf` and the field `act`. */
export interface HelperStrip {
  readonly csrf: string;
  /** Where the short cuts post to. */
  readonly action: string;
  /** `act=persona`, field `persona`: fills the form with this person. */
  readonly personas: readonly { readonly id: string; readonly name: string; readonly about: string }[];
  /** `act=code`: the newest SMS code, fills it in. */
  readonly code?: string;
  /** `act=captcha`: the answer of the picture, fills it in. */
  readonly captcha?: string;
  /** `act=fault`, field `fault`: arms this fault for the number of the journey. */
  readonly faults: readonly { readonly id: string; readonly summary: string }[];
  /** The fault that was armed just now. */
  readonly armed?: { readonly id: string; readonly summary: string };
  /** Address of the phone inbox. */
  readonly phone: string;
}

/** What is wrong with which field, in the order of the page. */
export type FieldErrors<Field extends string> = { readonly [name in Field]?: Message };

export interface MobilePage extends JourneyPage {
  readonly errors: FieldErrors<'mobile'>;
  readonly values: { readonly mobile: string };
}

export interface CaptchaPage extends JourneyPage {
  readonly errors: FieldErrors<'captcha'>;
  /** `emta.captcha.image_failed` or `emta.captcha.audio_failed`. */
  readonly notice?: Message;
  /** The number just given, as it is to be shown. */
  readonly mobile: string;
  readonly image: { readonly src: string; readonly width: number; readonly height: number };
  /** Address of the sound. */
  readonly audio: string;
  /** What stands in the field; only the developer's strip fills it in. */
  readonly value?: string;
}

export interface VerificationPage extends JourneyPage {
  readonly errors: FieldErrors<'national_code' | 'birth' | 'code'>;
  /** `emta.verify.resent`, or `emta.verify.resend_wait` for one who asked too early. */
  readonly notice?: Message;
  /** Digits of the code. */
  readonly digits: number;
  /** The number, masked. */
  readonly mobile: string;
  /** Whether national code and birth date are asked; an enrolled citizen gives the code alone. */
  readonly asksIdentity: boolean;
  /** What was typed, as it was typed. */
  readonly values: {
    readonly code: string;
    readonly nationalCode: string;
    readonly birthYear: string;
    readonly birthMonth: string;
    readonly birthDay: string;
  };
  /** Seconds until a new code may be asked for; 0 when it may be now. */
  readonly resendIn: number;
  /** Tries left for this code; shown when given. */
  readonly triesLeft?: number;
}

export interface ConsentPage extends JourneyPage {
  readonly scopes: readonly { readonly title: MessageKey; readonly text?: MessageKey }[];
  /** Origin of the redirect URI. */
  readonly origin: string;
}

/** A dead end. It may stand outside of any journey, hence without the members of `JourneyPage`. */
export interface ErrorPage {
  /** Stable word for tests and logs, e.g. `ownership`; the page's `data-reason`. */
  readonly reason: string;
  readonly title: Message;
  readonly message: Message;
  /** What the citizen can do besides leaving, in this order. */
  readonly actions: readonly {
    readonly kind: 'edit_mobile' | 'retry';
    /** A page that shows without changing anything. */
    readonly href: string;
  }[];
  /** `post`: the form of every page, answers the relying party; `link`: its own address, without an answer. */
  readonly exit?:
    | { readonly kind: 'post'; readonly client: string; readonly action: string; readonly csrf: string }
    | { readonly kind: 'link'; readonly client: string; readonly href: string };
  /** Reference of an internal error, as in the log. */
  readonly trace?: string;
  /** For the developer: the error and its description, which no redirect could carry. */
  readonly detail?: string;
  readonly otherLanguage?: string;
  readonly helper?: HelperStrip;
}

/** Asks somebody who is signed in whether to sign out, or says that it is done. */
export interface LogoutPage {
  readonly form?: { readonly action: string; readonly xsrf: string };
}

/** The way back for `response_mode=form_post`: posts itself, or by its button where scripts are off. */
export interface ReturnPage {
  readonly message: Message;
  readonly client: string;
  readonly action: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** Every page by the name of its template. */
export interface Pages extends ConsolePages {
  readonly 'emta/mobile': MobilePage;
  readonly 'emta/captcha': CaptchaPage;
  readonly 'emta/verification': VerificationPage;
  readonly 'emta/consent': ConsentPage;
  readonly 'emta/error': ErrorPage;
  readonly 'emta/return': ReturnPage;
  readonly 'emta/logout': LogoutPage;
}
