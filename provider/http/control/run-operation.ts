import { Ajv2020 } from 'ajv/dist/2020.js';
import { EmtaError } from '../../kernel/errors.ts';
import type { Answer, Call, Operation } from './operation.ts';
import type { ControlPorts } from './ports.ts';

/** Carries out operations, each call checked against the operation's schema. */
export type RunOperation = (operation: Operation, call: Call) => Promise<Answer>;

/** For the control interface and for the console, whose forms do the same. */
export function operationRunner(ports: ControlPorts): RunOperation {
  const checker = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  return async (operation, call) => {
    // Compiled when first needed, and kept by Ajv: a schema is the same object each time.
    const isValid = operation.body && checker.compile(operation.body);
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
