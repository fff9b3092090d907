// Rows drawn beside them (`sampleFor`) join once the matrix has measured every defect's neighbours.
import { expect, test } from '@jest/globals';
import { misjudged, runnable } from './turns-red.ts';

test.each(runnable(true))(
  '%s turns its rows red',
  async (_name, defect) => expect(await misjudged(defect, [])).toEqual([]),
  240_000,
);
