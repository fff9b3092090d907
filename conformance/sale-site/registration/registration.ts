import type { Details } from '../accounts.ts';
import type { Captcha } from './captcha.ts';
import type { ValidationCode } from './validation-code.ts';

/** One citizen's way through the site's own pages, from the data form to the final confirm. */
export interface Registration {
  /** What will be stored: verified values and the citizen's own. */
  readonly details: Details;
  readonly passwordHash: string;
  code: ValidationCode;
  isCodeConfirmed: boolean;
  captcha?: Captcha;
  /** The one write of the final confirm; a second submit waits for the same. */
  stored?: Promise<void>;
}
