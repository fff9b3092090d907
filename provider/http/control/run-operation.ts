import type * as Ajv from 'ajv/dist/2020.js';
import { EmtaError } from '../../kernel/errors.ts';
import { whenNeeded } from '../../kernel/when-needed.ts';
import type { Answer, Call, Operation } from './operation.ts';
import type { ControlPorts } from './ports.ts';

const ajv = whenNeeded<typeof Ajv>('ajv/dist/2020.js');

/** Carries out operations, each call checked against the operation's schema. */
export type RunOperation = (operation: Operation, call: Call) => Promise<Answer>;

let checker: Ajv.Ajv2020 | undefined;
/** One for all namespaces: the schemas are the same. That they are schemas is looked at by a test, not at each start. */
const theChecker = (): Ajv.Ajv2020 => {
  checker ??= new (ajv().Ajv2020)({ allErrors: true, strict: true, allowUnionTypes: true, validateSchema: false });
  return checker;
};

/** For the control interface and for the console, whose forms do the same. */
export function operationRunner(ports: ControlPorts): RunOperation {
  return async (operation, call) => {
    // Compiled when first needed, and kept by Ajv: a schema is the same object each time.
    const isValid = operation.body && theChecker().compile(operation.body);
    if (isValid && !isValid(call.body)) {
      const problems = (isValid.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `"${instancePath || '/'}" ${message}${'additionalProperty' in params ? ` "${params.additionalProperty}"` : ''}`,
      );
      throw new EmtaError('bad_control_request', problems.join('; '));
    }
    return operation.handle(call, ports);
  };
}
