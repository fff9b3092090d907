import type { Exchange, Journal } from '../../journal/journal.ts';
import { mask } from '../../journal/mask.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import type { ClientRegistry } from '../../oidc/clients.ts';
import type { Renderer } from '../render.ts';
import { type Explanation, explain } from './explain.ts';

interface SlipPorts {
  readonly journal: Pick<Journal, 'exchanges'>;
  readonly clients: Pick<ClientRegistry, 'find'>;
}

/** Explains an exchange with all that is known around it; undefined where nothing was refused. */
export async function explainFully(exchange: Exchange, ports: SlipPorts): Promise<Explanation | undefined> {
  if (explain(exchange) === undefined) return undefined;
  const { clientId, journey } = exchange;
  const [client, others] = await Promise.all([
    clientId === undefined ? undefined : ports.clients.find(clientId),
    journey === undefined ? [] : ports.journal.exchanges({ journey }),
  ]);
  return explain(exchange, { ...(client && { client }), others });
}

/** The same journal, which also writes each refusal of a relying party to the log, in words. */
export function logSlips(
  journal: Journal,
  {
    log,
    render,
    clients,
    clock,
  }: {
    readonly log: Log;
    readonly render: Renderer;
    readonly clients: SlipPorts['clients'];
    readonly clock: Clock;
  },
): Journal {
  return {
    ...journal,
    async exchange(draft) {
      await journal.exchange(draft);
      // It is the newest of its journey, whatever its number.
      const at = new Date(clock.now()).toISOString();
      const newest: Exchange = { seq: Number.POSITIVE_INFINITY, at, ...draft };
      const explanation = await explainFully(newest, { journal, clients });
      if (!explanation) return;
      const { kind, rule, expected, received } = explanation;
      const words = (part: 'title' | 'expected' | 'cause') =>
        render.text('en', { key: `console.explain.${kind}.${part}` });
      log.warn(
        {
          endpoint: draft.endpoint,
          ...(draft.journey && { journey: draft.journey }),
          ...(draft.clientId && { client_id: draft.clientId }),
          rule,
          expected: [words('expected'), ...expected],
          received: received.map((value) => withoutSecrets(value)),
          likely_cause: words('cause'),
        },
        words('title'),
      );
    },
  };
}

/** `code=abc` as the journal would keep it. */
function withoutSecrets(value: string): string {
  return String(mask(`?${value}`)).slice(1);
}
