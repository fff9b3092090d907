import type { Ajv2020 } from 'ajv/dist/2020.js';
import { EmtaError } from '../../kernel/errors.ts';
import type { Answer, Call, Operation } from './operation.ts';
import type { ControlPorts } from './ports.ts';

/** Carries out operations, each call checked against the operation's schema. */
export type RunOperation = (operation: Operation, call: Call) => Promise<Answer>;

/** Eighty files that a login never needs. */
async function loadChecker(): Promise<Ajv2020> {
  const { Ajv2020: Checker } = await import('ajv/dist/2020.js');
  return new Checker({ allErrors: true, strict: true, allowUnionTypes: true });
}

/** For the control interface and for the console, whose forms do the same. */
export function operationRunner(ports: ControlPorts): RunOperation {
  let checker: Promise<Ajv2020> | undefined;
  return async (operation, call) => {
    checker ??= loadChecker();
    // Compiled when first needed, and kept by Ajv: a schema is the same object each time.
    const isValid = operation.body && (await checker).compile(operation.body);
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
