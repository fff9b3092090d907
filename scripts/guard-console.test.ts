import { expect, test } from '@jest/globals';
import { guardConsole } from './guard-console.ts';

const notice = 'oidc-provider WARNING: Unsupported runtime. Use Node.js v22.x LTS, or a later LTS release.';

test('keeps what a test prints, once', () => {
  const console = { ...globalThis.console };
  const guard = guardConsole(console);
  console.warn('left %s', 'over');
  expect(guard.take()).toEqual(['expected no output from a test, got console.warn: left over']);
  expect(guard.take()).toEqual([]);
});

test('lets the line through that oidc-provider prints on Node 20, in colour too, and no other of its lines', () => {
  const console = { ...globalThis.console };
  const guard = guardConsole(console);
  console.warn(notice);
  console.warn(`\u001b[31;1m${notice}\u001b[0m`);
  expect(guard.take()).toEqual([]);
  console.warn('oidc-provider WARNING: a quick start adapter is used');
  expect(guard.take()).toHaveLength(1);
});
