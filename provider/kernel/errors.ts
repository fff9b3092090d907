/** What kind of trouble: the HTTP status it deserves, and one sentence for developers. */
export interface ErrorKind {
  readonly status: number;
  readonly summary: string;
}

/** Every kind of trouble that is not a citizen's to cause; what a citizen may do is a value, never one of these. */
export const errorKinds = {
  bad_option: { status: 400, summary: 'an option of the command line, environment or call cannot be used' },
  bad_client: { status: 400, summary: 'the metadata of a client cannot be used' },
  bad_control_request: { status: 400, summary: 'a request to the control interface cannot be used' },
  unknown_fault: { status: 400, summary: 'no fault of the catalogue has this id' },
  unknown_persona: { status: 400, summary: 'no persona has this id' },
  unknown_item: { status: 404, summary: 'nothing is kept under this id' },
  bad_citizen: { status: 400, summary: 'a person or line has a member that cannot be used' },
  no_more_citizens: { status: 409, summary: 'the population has nobody left who fits' },
  registry_file_unreadable: {
    status: 500,
    summary: 'the registry file cannot be read or is damaged; it was left as it is',
  },
  registry_file_unwritable: { status: 500, summary: 'the registry file cannot be written; nothing was changed' },
  store_unavailable: { status: 503, summary: 'the store cannot be reached' },
  bad_walk: { status: 500, summary: 'a walk through the pages met a page or answer that it did not expect' },
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What callers switch on; never the text. */
export type ErrorCode = keyof typeof errorKinds;

/** The one error of this project. Message: expected, then got; lower case, no full stop. */
export class EmtaError extends Error {
  override readonly name = 'EmtaError';
  readonly code: ErrorCode;
  /** What to do next, for a second line. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, more: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
  }

  get status(): number {
    return errorKinds[this.code].status;
  }
}

/** Tells an error of this project from others without `instanceof`, which fails across realms. */
export function isEmtaError(thrown: unknown): thrown is EmtaError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'name' in thrown &&
    thrown.name === 'EmtaError' &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    Object.hasOwn(errorKinds, thrown.code)
  );
}
