import type { Session, Sessions, Who } from './sessions.ts';

/** A sign-in ends the session before it, whoever's that was, and begins one under a name nobody knew. */
export function renewSession(sessions: Sessions, old: string | undefined, who: Who, isRemembered: boolean): Session {
  sessions.close(old);
  return sessions.open(who, isRemembered);
}
