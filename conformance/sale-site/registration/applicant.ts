import type { Identity } from '../login/identity.ts';
import type { Session } from '../sessions.ts';

/** A citizen on the registration pages: verified by Emta in this session, and by nothing else. */
export interface Applicant {
  readonly session: Session;
  readonly identity: Identity;
}

export function applicant(session: Session | undefined): Applicant | undefined {
  return session?.who.kind === 'verified' ? { session, identity: session.who.identity } : undefined;
}
