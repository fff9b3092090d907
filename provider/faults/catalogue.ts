import { EmtaError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import { authorizationFaults } from './authorization.ts';
import { claimsFaults } from './claims.ts';
import { idTokenClaimFaults } from './id-token-claims.ts';
import { idTokenSignatureFaults } from './id-token-signature.ts';
import { metadataFaults } from './metadata.ts';
import { performedFaults } from './performed.ts';
import { resourceFaults } from './resources.ts';
import type { Fault } from './tamper.ts';
import { tokenFaults } from './token-response.ts';
import { userinfoFaults } from './userinfo.ts';

/** Every fault that can be armed. */
export const faultCatalogue: readonly Fault[] = [
  ...authorizationFaults,
  ...tokenFaults,
  ...idTokenClaimFaults,
  ...idTokenSignatureFaults,
  ...userinfoFaults,
  ...claimsFaults,
  ...resourceFaults,
  ...metadataFaults,
  ...performedFaults,
];

const byId: ReadonlyMap<string, Fault> = new Map(faultCatalogue.map((fault) => [fault.id, fault]));

/** The fault of this id; throws `unknown_fault`, which names the nearest or all. */
export function faultById(id: string): Fault {
  const fault = byId.get(id);
  if (fault) return fault;
  const near = nearest(id, [...byId.keys()]);
  throw new EmtaError(
    'unknown_fault',
    `unknown fault "${id}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    {
      hint: `known faults are: ${[...byId.keys()].join(', ')}`,
    },
  );
}

/** One parameter of a fault, as the control interface shows it. */
export interface DescribedParameter {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'json';
  readonly required: boolean;
  readonly meaning: string;
  readonly one_of?: readonly string[];
  readonly default?: string | number | boolean;
}

/** A fault, as the control interface shows it. */
export interface DescribedFault extends Omit<Fault, 'parameters' | 'tampers'> {
  readonly parameters: readonly DescribedParameter[];
}

/** The catalogue as plain data, for the control interface, the console and the documentation. */
export function describeFaults(): readonly DescribedFault[] {
  return faultCatalogue.map(({ id, acts, narrowest, breaks, summary, rows, parameters }) => ({
    id,
    acts,
    narrowest,
    breaks,
    summary,
    rows,
    parameters: Object.entries(parameters).map(([name, spec]) => ({
      name,
      type: spec.type,
      required: spec.required ?? false,
      meaning: spec.meaning,
      ...(spec.oneOf === undefined ? {} : { one_of: spec.oneOf }),
      ...(spec.default === undefined ? {} : { default: spec.default }),
    })),
  }));
}
