import { expect, test } from '@jest/globals';
import { runnable, stillGreen } from './turns-red.ts';

test.each(runnable(false))(
  '%s turns its rows red',
  async (_name, defect) => expect(await stillGreen(defect)).toEqual([]),
  240_000,
);
