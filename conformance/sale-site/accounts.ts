import { Low, Memory } from 'lowdb';
import { JSONFile } from 'lowdb/node';

/** What the citizen's record holds besides the password. */
export interface Details {
  readonly nationalCode: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly fatherName: string;
  readonly birthDate: string;
  readonly shenasnamehNumber: string;
  readonly placeOfIssue: string;
  readonly gender: '' | 'male' | 'female';
  readonly mobile: string;
  readonly issueDate: string;
  readonly address: string;
  readonly education: string;
  readonly city: string;
}

export interface Account {
  readonly id: string;
  /** What Emta knows the citizen by: the keys under which this account is found. */
  readonly keys: readonly string[];
  readonly details: Details;
  readonly passwordHash?: string;
}

export interface Accounts {
  byId(id: string): Account | undefined;
  byKey(key: string): Account | undefined;
  byNationalCode(nationalCode: string): Account | undefined;
  /** Adds an account or replaces the one of the same id; answers once it is written. */
  save(account: Account): Promise<void>;
}

interface Stored {
  accounts: Account[];
}

/** Opens the accounts. A file that cannot be read is an error, and stays as it is. */
export async function openAccounts(file: string | undefined): Promise<Accounts> {
  const store = new Low<Stored>(file === undefined ? new Memory<Stored>() : new JSONFile<Stored>(file), {
    accounts: [],
  });
  await store.read();
  if (!Array.isArray(store.data.accounts)) throw new Error(`expected "accounts" in ${file} to be a list`);
  let written = Promise.resolve();
  const find = (fits: (account: Account) => boolean): Account | undefined => store.data.accounts.find(fits);
  return {
    byId: (id) => find((account) => account.id === id),
    byKey: (key) => find((account) => account.keys.includes(key)),
    byNationalCode: (code) => find((account) => account.details.nationalCode === code),
    save(account) {
      const others = store.data.accounts.filter(({ id }) => id !== account.id);
      store.data.accounts = [...others, account];
      written = written.catch(() => undefined).then(() => store.write());
      return written;
    },
  };
}
