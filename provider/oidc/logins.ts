import { createHmac, hash } from 'node:crypto';
import type { Json, Store } from '../kernel/ports.ts';
import type { Mobile, NationalCode } from '../registry/citizen.ts';

/** What a finished journey established, kept for as long as its grant can be used. */
export interface Login {
  readonly journey: string;
  readonly clientId: string;
  readonly sub: string;
  readonly nationalCode: NationalCode;
  readonly mobile: Mobile;
  /** False: the number is not known to be theirs, and Emta does not say that it is. */
  readonly mobileProven: boolean;
  /** Instant of the login, seconds of Emta's clock. */
  readonly at: number;
}

/** Ties codes, tokens and grants back to the journey they came from. */
export interface Logins {
  /** Opaque, the same for the same citizen, and says nothing of the national code. */
  subOf(nationalCode: string): string;
  /** What clients of a sector know somebody by (OIDC Core 8.1). */
  pairwiseSubOf(sub: string, sector: string): string;
  remember(grantId: string, login: Login): Promise<void>;
  byGrant(grantId: string): Promise<Login | undefined>;
  bySub(sub: string): Promise<Login | undefined>;
  /** Notes what a citizen granted to a client. */
  rememberConsent(login: Login, scopes: readonly string[]): Promise<void>;
  /** What the citizen granted to the client before. */
  consented(sub: string, clientId: string): Promise<readonly string[]>;
  /** Notes that a code or token belongs to a login; only its hash is kept. */
  tie(credential: string, login: Login): Promise<void>;
  byCredential(credential: string): Promise<Login | undefined>;
}

const HOUR = 3600;
const DAY = 86_400;
const YEAR = 365 * DAY;

export function createLogins({ store, secret }: { readonly store: Store; readonly secret: string }): Logins {
  const grantKey = (grantId: string) => `login:grant:{${grantId}}`;
  const subKey = (sub: string) => `login:sub:{${sub}}`;
  const consentKey = (sub: string, clientId: string) => `consent:{${sub}}:${clientId}`;
  const credentialKey = (credential: string) => `login:credential:{${hash('sha256', credential, 'base64url')}}`;
  const read = async (key: string) => (await store.get(key)) as unknown as Login | undefined;
  const opaque = (text: string) => createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22);
  return {
    subOf: opaque,
    pairwiseSubOf: (sub, sector) => opaque(`${sector}:${sub}`),
    async remember(grantId, login) {
      const value = login as unknown as Json;
      await Promise.all([store.set(grantKey(grantId), value, DAY), store.set(subKey(login.sub), value, DAY)]);
    },
    byGrant: (grantId) => read(grantKey(grantId)),
    bySub: (sub) => read(subKey(sub)),
    rememberConsent: ({ sub, clientId }, scopes) => store.set(consentKey(sub, clientId), [...scopes], YEAR),
    consented: async (sub, clientId) => ((await store.get(consentKey(sub, clientId))) ?? []) as readonly string[],
    tie: (credential, login) => store.set(credentialKey(credential), login as unknown as Json, HOUR),
    byCredential: (credential) => read(credentialKey(credential)),
  };
}

/** The number, where Emta says that it is the citizen's. */
export function provenMobile({ mobile, mobileProven }: Login): Mobile | undefined {
  return mobileProven ? mobile : undefined;
}
