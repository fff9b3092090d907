import type { Clock, Random } from '../ports.ts';
import { secret } from '../random.ts';

/** One login under way at Emta. It belongs to one browser and serves one answer. */
export interface Login {
  readonly state: string;
  readonly nonce: string;
  /** PKCE code verifier. */
  readonly verifier: string;
  /** Where its answer must arrive. */
  readonly redirectUri: string;
  /** The issuer it was started at: no other may answer it. */
  readonly issuer: string;
  /** The browser that started it, by the value of its cookie. */
  readonly browser: string;
  readonly typedNationalCode?: string;
  readonly typedMobile?: string;
  /** Where to go once signed in. */
  readonly destination: string;
  readonly expires: number;
  /** Where its answer led, set by the first answer: a second one is led to the same place and does nothing. */
  landing?: string;
}

export type LoginSecrets = Pick<Login, 'state' | 'nonce' | 'verifier'>;

/** The logins under way, kept on the server and found by state. */
export interface Logins {
  add(login: Omit<Login, 'expires'>): Login;
  byState(state: string): Login | undefined;
  /** All that are alive, oldest first. */
  all(): readonly Login[];
}

const lifetime = 10 * 60 * 1000;
const limit = 10_000;

export function createLogins({ clock }: { readonly clock: Clock }): Logins {
  const logins = new Set<Login>();
  const isAlive = (login: Login): boolean => login.expires > clock.now();
  return {
    add(begun) {
      for (const login of logins) if (!isAlive(login) || logins.size >= limit) logins.delete(login);
      const login = { ...begun, expires: clock.now() + lifetime };
      logins.add(login);
      return login;
    },
    byState: (state) => [...logins].findLast((login) => login.state === state && isAlive(login)),
    all: () => [...logins].filter(isAlive),
  };
}

export function drawSecrets(random: Random): LoginSecrets {
  return { state: secret(random), nonce: secret(random), verifier: secret(random) };
}
