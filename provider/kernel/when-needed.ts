import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * A CommonJS library that is loaded at its first use, because most processes end without one and its files would take
 * longer to load than all the rest of the start. At once, not by `import()`, which Jest refuses between two tests.
 */
export function whenNeeded<Library>(name: string): () => Library {
  return () => load(name) as Library;
}
