import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { operations } from './operations.ts';

// run-operation.ts takes this for granted
test.each(operations.flatMap(({ id, body }) => (body === undefined ? [] : [[id, body] as const])))(
  'what %s takes is told by a sound schema',
  (_id, body) => {
    const checker = new Ajv2020({ strict: true, allowUnionTypes: true });
    expect([checker.validateSchema(body), checker.errors]).toEqual([true, null]);
  },
);
