import { type ParameterSpecs, type ParameterValues, parseParameters } from './parameters.ts';
import type { Act, Fault, PerformedAct, Reach, TamperContext, TamperedAct, Tampers } from './tamper.ts';

const tamperedActs = [
  'authorization_request',
  'authorization_response',
  'token_response',
  'id_token',
  'userinfo',
  'resource_identity',
  'resource_mobile',
  'discovery',
  'jwks',
] as const satisfies readonly TamperedAct[];

interface Definition<P extends ParameterSpecs> extends Pick<Fault, 'id' | 'breaks' | 'summary' | 'rows'> {
  readonly parameters: P;
  /** What it changes, and where; `read` types the parameters by their schema. */
  readonly tampers?: (read: (context: TamperContext) => ParameterValues<P>) => Tampers;
  /** Where it must be wider than the places it acts at say by themselves. */
  readonly narrowest?: Reach;
  /** The place whose own layer acts when it finds this fault armed. */
  readonly performedBy?: PerformedAct;
}

/** What each place knows of whom an exchange is about. */
function reachOf(acts: readonly Act[]): Reach {
  if (acts.some((act) => !['authorization_request', 'discovery', 'jwks', 'tls'].includes(act))) return 'mobile';
  return acts.includes('authorization_request') ? 'client_id' : 'issuer';
}

/** Makes an entry of the catalogue; where it acts follows from what it can change. */
export function defineFault<const P extends ParameterSpecs>(definition: Definition<P>): Fault {
  const { tampers: makeTampers, performedBy, narrowest, ...described } = definition;
  const tampers = makeTampers?.((context) => parseParameters(definition.parameters, context.parameters)) ?? {};
  const acts = [...tamperedActs.filter((act) => Object.hasOwn(tampers, act)), ...(performedBy ? [performedBy] : [])];
  return { ...described, acts, narrowest: narrowest ?? reachOf(acts), tampers };
}
