import { Socket } from 'node:net';
import type { Guard } from './guard-console.ts';

const original = Symbol.for('emta-mock.connect');

/** Refuses each connection that would leave this machine, before a name is looked up, and keeps it for `take`. */
export function guardNetwork(): Guard {
  let seen: string[] = [];
  // Core modules are shared by all test files of a worker, so the wrapper of the file before is replaced, not wrapped.
  const prototype = Socket.prototype as Socket & { [original]?: Socket['connect'] };
  const connect = prototype[original] ?? prototype.connect;
  prototype[original] = connect;
  prototype.connect = function guarded(this: Socket, ...args: unknown[]) {
    const host = hostOf(args);
    if (host === undefined || isLoopback(host)) return Reflect.apply(connect, this, args);
    const message = `expected no request to the outside, got a connection to ${host}`;
    seen.push(message);
    process.nextTick(() => this.destroy(new Error(message)));
    return this;
  };
  return {
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
}

/** The host of any form of `socket.connect`; nothing for a path or for the default, which is this machine. */
export function hostOf(args: readonly unknown[]): string | undefined {
  const first = args[0];
  // `net.connect` hands over its arguments as one array, already put in order.
  if (Array.isArray(first)) return hostOf(first);
  if (typeof first === 'object' && first !== null) {
    return 'host' in first && typeof first.host === 'string' && !('path' in first && first.path)
      ? first.host
      : undefined;
  }
  return typeof args[1] === 'string' ? args[1] : undefined;
}

/** True for the names and addresses of this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    bare === '' ||
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare) ||
    /^::ffff:7f[\da-f]{2}:[\da-f]{1,4}$/.test(bare) ||
    /^(0:){7}0*1$/.test(bare) ||
    bare === '::1'
  );
}
