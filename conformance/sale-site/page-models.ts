import type { Message } from './pages.ts';

/** Field name to what is wrong with it. */
export type Errors = Readonly<Record<string, Message>>;

/** What every page of the site knows. */
export interface PageModel {
  /** Name of whoever is signed in. */
  readonly visitor?: string;
  readonly errors?: Errors;
  /** Where the summary's link leads when the error's name is no field of the page. */
  readonly targets?: Readonly<Record<string, string>>;
}

export interface FieldModel {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly kind: 'text' | 'number' | 'date' | 'choice' | 'long';
  readonly isReadonly: boolean;
  readonly isRequired: boolean;
  readonly hint?: string;
  /** Key of the text of each choice, by the value that is posted. */
  readonly choices?: Readonly<Record<string, string>>;
}

export interface Fact {
  readonly term: string;
  readonly text: string;
  readonly ltr?: boolean;
}

/** The model of each page, by the name of its template. */
export interface PageModels {
  readonly signin: PageModel & {
    readonly asksMobile: boolean;
    readonly values: { readonly user: string; readonly mobile: string; readonly isRemembered: boolean };
  };
  readonly registration: PageModel & {
    readonly verified: readonly FieldModel[];
    readonly own: readonly FieldModel[];
    /** A form that comes back: its passwords were not kept. */
    readonly isRetyped: boolean;
  };
  readonly password: PageModel & {
    readonly name: string;
    /** What the citizen signs in with, for the password manager to keep beside the password. */
    readonly user: string;
  };
  readonly code: PageModel & {
    readonly mobile: string;
    readonly digits: number;
    readonly notice?: Message;
    readonly isPasswordOnly: boolean;
  };
  readonly confirm: PageModel & {
    readonly facts: readonly Fact[];
    readonly picture: string;
    readonly notice?: Message;
    readonly isPasswordOnly: boolean;
  };
  readonly done: PageModel & { readonly isPasswordOnly: boolean };
  readonly ended: PageModel & {
    readonly reason: string;
    readonly title: string;
    readonly message: string;
    /** Key of the text of the link that starts the login again; none where that would not help. */
    readonly retry?: string;
  };
  readonly account: PageModel & {
    readonly name: string;
    readonly isRegistered: boolean;
    readonly facts: readonly Fact[];
  };
  readonly signout: PageModel;
}
