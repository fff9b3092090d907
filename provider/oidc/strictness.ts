import { EmtaError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';

/** Checks that Emta makes and that can be switched off by name, for all clients or for one. */
export const relaxations = {
  'request-binding': 'an authorization request has at least one of state, nonce and code_challenge (RFC 9700 2.1)',
  pkce: 'a client without a secret sends a code_challenge (RFC 9700 2.1.1)',
  'redirect-uri': 'every authorization and token request names the redirect URI (RFC 6749 4.1.3)',
  scope: 'every scope asked for is known and registered for the client (RFC 6749 3.3)',
  'client-auth-method': 'the client authenticates by the one method it registered (OIDC Registration 2)',
} as const;

export type Relaxation = keyof typeof relaxations;

/** Reads names of checks; an unknown one is refused with the nearest known one. */
export function parseRelaxations(names: readonly string[]): readonly Relaxation[] {
  return names.map((name) => {
    if (Object.hasOwn(relaxations, name)) return name as Relaxation;
    const known = Object.keys(relaxations);
    const meant = nearest(name, known);
    throw new EmtaError('bad_option', `expected "relax" to be one of ${known.join(', ')}, got "${name}"`, {
      ...(meant && { hint: `did you mean "${meant}"?` }),
    });
  });
}

export function isRelaxed(
  check: Relaxation,
  forAll: readonly Relaxation[],
  client: { readonly emta_relax?: readonly string[] } | undefined,
): boolean {
  return forAll.includes(check) || client?.emta_relax?.includes(check) === true;
}
