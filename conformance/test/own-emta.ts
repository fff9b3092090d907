import { afterAll, beforeAll } from '@jest/globals';
import { connectEmta, type EmtaControl } from '../driver/emta-control.ts';
import { startEmbeddedEmta } from '../embedded.ts';

/** An Emta for the tests of one file, from before the first to after the last; `issuer` and `control` are read within them. */
export function ownEmta(): { readonly issuer: string; readonly control: EmtaControl } {
  let running:
    | { readonly issuer: string; readonly control: EmtaControl; readonly close: () => Promise<void> }
    | undefined;
  const started = () => {
    if (running === undefined) throw new Error('expected a test under way, got none');
    return running;
  };
  beforeAll(async () => {
    const { issuer, close } = await startEmbeddedEmta({ port: 0, helperStrip: false });
    running = { issuer, control: connectEmta(issuer), close };
  });
  afterAll(async () => {
    started().control.close();
    await started().close();
  });
  return {
    get issuer() {
      return started().issuer;
    },
    get control() {
      return started().control;
    },
  };
}
