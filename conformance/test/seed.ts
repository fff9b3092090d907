/** The seed of a proof: its name; `TEST_SEED` before it gives another order of rows, and other rows in the samples. */
export const seedOf = (name: string, { TEST_SEED = '' } = process.env): string =>
  TEST_SEED === '' ? name : `${TEST_SEED}-${name}`;
