import { correctPolicy, type Policy } from '../policy.ts';
import { answerDefects } from './answers.ts';
import type { Defect } from './defect.ts';
import { identityDefects } from './identities.ts';
import { loginDefects } from './logins.ts';
import { registrationDefects } from './registrations.ts';
import { resourceDefects } from './resources.ts';
import { sessionDefects } from './sessions.ts';
import { idTokenDefects, requestDefects } from './tokens.ts';

/** Every defect that can be built in, by its name: the id of the list, and its variant where there are several. */
export const defects: ReadonlyMap<string, Defect> = new Map(
  [
    answerDefects,
    loginDefects,
    requestDefects,
    idTokenDefects,
    identityDefects,
    resourceDefects,
    sessionDefects,
    registrationDefects,
  ].flatMap((some) => Object.entries(some)),
);

/** The sound policy with defects built in. An unknown name is refused. */
export function withDefects(names: readonly string[]): Policy {
  return names.reduce((policy, name) => {
    const defect = defects.get(name);
    if (defect === undefined) {
      throw new Error(`expected a known defect, got "${name}"\nknown: ${[...defects.keys()].join(' ')}`);
    }
    return defect(policy);
  }, correctPolicy);
}
