import type { Store } from '../kernel/ports.ts';

/** A part of a store that shares no key with any other part. Closing it leaves the store open. */
export function prefixedStore(store: Store, prefix: string): Store {
  const key = (name: string) => `${prefix}${name}`;
  return {
    get: (name) => store.get(key(name)),
    set: (name, value, ttl) => store.set(key(name), value, ttl),
    add: (name, value, ttl) => store.add(key(name), value, ttl),
    take: (name) => store.take(key(name)),
    delete: (name, only) => store.delete(key(name), only),
    increment: (name, ttl, by) => store.increment(key(name), ttl, by),
    append: (name, value, options) => store.append(key(name), value, options),
    appendAll: (name, values, options) => store.appendAll(key(name), values, options),
    list: (name, after) => store.list(key(name), after),
    passTime: (seconds, below = '') => store.passTime(seconds, key(below)),
    clear: (below = '') => store.clear(key(below)),
    close: async () => undefined,
  };
}
