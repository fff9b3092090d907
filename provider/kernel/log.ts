import type { Log } from './ports.ts';

const nothing = (): void => undefined;

/** Says nothing; the default of an Emta inside another program. */
export const silentLog: Log = { info: nothing, warn: nothing, error: nothing, isLevelEnabled: () => false };
