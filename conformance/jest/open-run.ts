import { constants, runInThisContext } from 'node:vm';
import type { OpenRun } from '../engine.ts';

type Engine = { readonly openRun: OpenRun };

/**
 * Opens a run outside Jest's sandbox, where the compiled engine is there: inside, every global name goes through an
 * interceptor, which makes reading pages five times as slow, and a suite's fake timers would stop the run.
 */
export const openRun: OpenRun = async (options) => {
  const { href } = new URL('../run.js', import.meta.url);
  if (!import.meta.url.endsWith('.js')) return (await import('../run.ts')).openRun(options);
  const load: (url: string) => Promise<Engine> = runInThisContext('(url) => import(url)', {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return (await load(href)).openRun(options);
};
