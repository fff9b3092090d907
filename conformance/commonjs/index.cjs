'use strict';
// For test suites in CommonJS, whose runners often cannot load ES modules: Emta runs in a child process, and this
// face has the same methods as the one of `import`.
const { fork } = require('node:child_process');
const { join } = require('node:path');

const METHODS = [
  'draw',
  'walk',
  'putClient',
  'outbox.messages',
  'outbox.code',
  'clock.advance',
  'keys.published',
  'journal.exchanges',
];

/** Starts Emta in a process of its own; see `startEmta` of the ES module. */
function startEmta(options = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'child.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const waiting = new Map();
    let count = 0;

    const ask = (on, method, args) =>
      new Promise((settle, fail) => {
        if (!child.connected) return fail(new Error('expected Emta to run, it was closed'));
        count += 1;
        waiting.set(count, { settle, fail });
        child.send({ id: count, on, method, args });
      });

    const faultOf = ({ handle, id }) => ({
      id,
      delivered: () => ask(handle, 'delivered', []),
      disarm: () => ask(handle, 'disarm', []),
    });

    const faceOf = (handle, issuer, personas) => {
      const face = { issuer, personaIds: Object.keys(personas) };
      for (const path of METHODS) {
        const [first, second] = path.split('.');
        const call = (...args) => ask(handle, path, args);
        if (second) face[first] = { ...face[first], [second]: call };
        else face[first] = call;
      }
      face.persona = (id) => {
        if (personas[id]) return personas[id];
        throw Object.assign(
          new Error(`expected the id of a persona, got "${id}"; known are ${Object.keys(personas).join(', ')}`),
          {
            code: 'unknown_persona',
          },
        );
      };
      face.arm = async (...args) => faultOf(await ask(handle, 'arm', args));
      face.keys.rotate = async (...args) => faultOf(await ask(handle, 'keys.rotate', args));
      face.namespace = async (name) => {
        const made = await ask(handle, 'namespace', [name]);
        return faceOf(made.handle, made.issuer, personas);
      };
      face.close = async () => {
        await ask(handle, 'close', []);
        if (handle === 'root') child.disconnect();
      };
      return face;
    };

    child.once('error', reject);
    child.once('exit', (code) => {
      const error = new Error(`expected Emta to run, its process ended with ${code}`);
      for (const { fail } of waiting.values()) fail(error);
      reject(error);
    });
    child.on('message', (message) => {
      if (message.kind === 'ready') return resolve(faceOf('root', message.issuer, message.personas));
      if (message.kind === 'failed') return reject(Object.assign(new Error(message.error.message), message.error));
      const { settle, fail } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      if (message.error) fail?.(Object.assign(new Error(message.error.message), message.error));
      else settle?.(message.value);
    });
    child.send(options);
  });
}

module.exports = { startEmta };
