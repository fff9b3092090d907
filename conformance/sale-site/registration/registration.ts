import type { Account, Details } from '../accounts.ts';
import type { Identity } from '../login/identity.ts';
import { personId } from '../login/identity.ts';
import { accountOf, type Site } from '../site.ts';
import type { Captcha } from './captcha.ts';
import type { ValidationCode } from './validation-code.ts';

/** One citizen's way through the site's own pages, from the data form to the final confirm. */
export interface Registration {
  readonly identity: Identity;
  /** What will be stored: verified values and the citizen's own. */
  readonly details: Details;
  readonly passwordHash: string;
  /** The citizen has an account, and sets its password. */
  readonly isPasswordOnly: boolean;
  code: ValidationCode;
  isCodeConfirmed: boolean;
  captcha?: Captcha;
  /** The one write of the final confirm; a second submit waits for the same. */
  stored?: Promise<void>;
}

/** Writes the account: a new one, or a new password for the one that this citizen has. */
export function store({ identity, details, passwordHash }: Registration, site: Site): Promise<void> {
  const key = site.policy.keyOf(identity);
  const existing = accountOf(identity, site);
  const account: Account =
    existing === undefined
      ? { id: personId(key), keys: [key], details, passwordHash }
      : {
          ...existing,
          keys: [...new Set([...existing.keys, key])],
          details: { ...existing.details, mobile: details.mobile },
          passwordHash,
        };
  return site.accounts.save(account);
}

/** The one write of the final confirm, however often and however fast it is submitted. */
export function storeOnce(registration: Registration, site: Site): Promise<void> {
  registration.stored ??= store(registration, site);
  return registration.stored;
}
