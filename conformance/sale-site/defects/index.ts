import { correctPolicy, type Policy } from '../policy.ts';

/** Changes a sound policy into one with a defect. */
export type Defect = (policy: Policy) => Policy;

/** Every defect that can be built in, by its name. */
export const defects: ReadonlyMap<string, Defect> = new Map();

/** The sound policy with defects built in. An unknown name is refused. */
export function withDefects(names: readonly string[]): Policy {
  return names.reduce((policy, name) => {
    const defect = defects.get(name);
    if (defect === undefined) {
      throw new Error(`expected a known defect, got "${name}"\nknown: ${[...defects.keys()].join(', ')}`);
    }
    return defect(policy);
  }, correctPolicy);
}
