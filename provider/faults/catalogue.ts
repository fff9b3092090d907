import { authorizationFaults } from './authorization.ts';
import { claimsFaults } from './claims.ts';
import { idTokenFaults } from './id-token.ts';
import { metadataFaults } from './metadata.ts';
import { performedFaults } from './performed.ts';
import { resourceFaults } from './resources.ts';
import type { Act, Fault } from './tamper.ts';
import { tokenFaults } from './token.ts';
import { userinfoFaults } from './userinfo.ts';

/** Every fault that can be armed. */
export const faultCatalogue: readonly Fault[] = [
  ...authorizationFaults,
  ...tokenFaults,
  ...idTokenFaults,
  ...userinfoFaults,
  ...claimsFaults,
  ...resourceFaults,
  ...metadataFaults,
  ...performedFaults,
];

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
export interface DescribedFault {
  readonly id: string;
  readonly acts: readonly Act[];
  readonly breaks: string;
  readonly summary: string;
  readonly rows: readonly string[];
  readonly parameters: readonly DescribedParameter[];
}

/** The catalogue as plain data, for the control interface, the console and the documentation. */
export function describeFaults(): readonly DescribedFault[] {
  return faultCatalogue.map(({ id, acts, breaks, summary, rows, parameters }) => ({
    id,
    acts,
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
