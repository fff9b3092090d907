import { connect } from 'node:net';
import type { Blow } from './chaos.ts';
import { control } from './control.ts';
import type { Fleet } from './fleet.ts';

export const blowNames = [
  'crash',
  'restart-redis',
  'pause-redis',
  'full-disk',
  'advance-clock',
  'replace',
  'half-open',
] as const;
export type BlowName = (typeof blowNames)[number];

/** What can be done to a fleet, by name. `exitCodes` are those of the processes that were asked to stop. */
export function blowsOn(fleet: Fleet, chance: () => number) {
  const exitCodes: (number | null)[] = [];
  const anyone = () => Math.floor(chance() * fleet.size);
  const deal: Readonly<Record<BlowName, () => Promise<void>>> = {
    crash: () => fleet.crash(anyone()),
    'restart-redis': fleet.restartRedis,
    // A command that has no answer after three seconds has failed, and may be carried out all the same.
    'pause-redis': () => fleet.pauseRedis(2000 + chance() * 3000),
    'full-disk': async () => fleet.fillDisk?.(),
    'advance-clock': async () => void (await control(fleet.issuer, '/clock', { advance_seconds: 20 })),
    async replace() {
      exitCodes.push(await fleet.replace(anyone()));
    },
    'half-open': () => halfOpen(fleet.issuer, 50),
  };
  const blow = (name: BlowName): Blow => ({ name, deal: deal[name] });
  return { blow, exitCodes };
}

/** Opens connections, sends half a request on each, and says nothing more. */
async function halfOpen(issuer: string, count: number): Promise<void> {
  const port = Number(new URL(issuer).port);
  const sockets = Array.from({ length: count }, (_, index) => {
    const socket = connect(port, '127.0.0.1');
    // nginx cuts them in the end.
    socket.on('error', () => undefined);
    socket.write(
      index % 2 === 0
        ? 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '
        : 'POST /service/v1/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\ngrant_type=',
    );
    return socket;
  });
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 5_000).unref();
}
