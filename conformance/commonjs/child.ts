import { type ArmedFault, type EmbeddedOptions, type Emta, startEmta } from '../emta-mock.ts';

/** What the parent asks: a method by its path on the Emta, or on a fault that was armed. */
interface Ask {
  readonly id: number;
  /** `root`, or the handle of a namespace or fault. */
  readonly on: string;
  readonly method: string;
  readonly args: readonly never[];
}

const handles = new Map<string, Emta | ArmedFault>();

function keep(handle: Emta | ArmedFault): string {
  const name = `h${handles.size}`;
  handles.set(name, handle);
  return name;
}

/** What can be sent: data as it is, and a handle with its name for what has methods. */
function sendable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('walk' in value) return { handle: keep(value as Emta), kind: 'emta', issuer: (value as Emta).issuer };
  if ('disarm' in value) return { handle: keep(value as ArmedFault), kind: 'fault', id: (value as ArmedFault).id };
  return value;
}

async function answer({ on, method, args }: Ask): Promise<unknown> {
  let target: unknown = handles.get(on);
  let owner: unknown;
  for (const name of method.split('.')) {
    owner = target;
    target = (target as Readonly<Record<string, unknown>>)[name];
  }
  if (typeof target !== 'function') throw new TypeError(`expected a method of Emta, got "${method}"`);
  return sendable(await target.apply(owner, args));
}

process.once('message', async (options: EmbeddedOptions) => {
  try {
    const emta = await startEmta(options);
    handles.set('root', emta);
    const personas = Object.fromEntries(emta.personaIds.map((id) => [id, emta.persona(id)]));
    process.send?.({ kind: 'ready', issuer: emta.issuer, personas });
  } catch (error) {
    process.send?.({ kind: 'failed', error: wire(error) });
    process.disconnect();
    return;
  }
  process.on('message', (ask: Ask) => {
    answer(ask).then(
      (value) => process.send?.({ id: ask.id, value }),
      (error: unknown) => process.send?.({ id: ask.id, error: wire(error) }),
    );
  });
});

process.once('disconnect', () => process.exit(0));

function wire(error: unknown): object {
  const { message = String(error), code } = (error ?? {}) as { readonly message?: string; readonly code?: string };
  return { message, code };
}
