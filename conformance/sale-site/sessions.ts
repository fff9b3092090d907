import type { Identity } from './login/identity.ts';
import type { Clock, Random } from './ports.ts';
import { secret } from './random.ts';
import type { Registration } from './registration/registration.ts';

/** Who a session stands for: a citizen Emta has just verified, or a customer who gave the password. */
export type Who =
  | { readonly kind: 'verified'; readonly identity: Identity }
  | { readonly kind: 'member'; readonly accountId: string };

export interface Session {
  readonly id: string;
  readonly who: Who;
  readonly isRemembered: boolean;
  expires: number;
  /** What a citizen has entered and not yet confirmed. It lives here and nowhere else, and goes with the session. */
  registration?: Registration;
}

/** Sessions, kept on the server: a cookie put back after sign-out opens nothing. */
export interface Sessions {
  open(who: Who, isRemembered?: boolean): Session;
  /** Keeps a session under its id. */
  put(session: Session): void;
  find(id: string | undefined): Session | undefined;
  close(id: string | undefined): void;
}

const minute = 60 * 1000;
const idle = 30 * minute;
export const remembered = 14 * 24 * 60 * minute;
const limit = 50_000;

export function createSessions({ clock, random }: { readonly clock: Clock; readonly random: Random }): Sessions {
  const sessions = new Map<string, Session>();
  function put(session: Session): void {
    for (const [id, { expires }] of sessions) {
      if (expires <= clock.now() || sessions.size >= limit) sessions.delete(id);
    }
    sessions.set(session.id, session);
  }
  return {
    put,
    open(who, isRemembered = false) {
      const session = {
        id: secret(random),
        who,
        isRemembered,
        expires: clock.now() + (isRemembered ? remembered : idle),
      };
      put(session);
      return session;
    },
    find(id) {
      const session = id === undefined ? undefined : sessions.get(id);
      if (session === undefined || session.expires <= clock.now()) return undefined;
      if (!session.isRemembered) session.expires = clock.now() + idle;
      return session;
    },
    close(id) {
      if (id !== undefined) sessions.delete(id);
    },
  };
}
