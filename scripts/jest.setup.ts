import { afterAll, afterEach } from '@jest/globals';
import { guardConsole } from './guard-console.ts';
import { guardNetwork } from './guard-network.ts';

const guards = [guardConsole(globalThis.console), guardNetwork()];

/** Fails the test that is running, by name, with what it did. */
function complain(): void {
  const found = guards.flatMap((guard) => guard.take());
  if (found.length > 0) throw new Error(found.join('\n'));
}

afterEach(complain);
afterAll(complain);
