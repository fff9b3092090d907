import type { Agent } from 'node:http';
import { headersOf, keepingAgent, MOST_IDLE, send, type UserAgentOptions } from './user-agent.ts';

/** Milliseconds after which a site has not answered beside its open connections. */
const PATIENCE = 1000;

/**
 * Whether a site answers one more visitor at once while twice as many connections stay open as a run leaves idle. One
 * that serves a connection at a time, or has few workers, would keep everybody waiting; one that closes every
 * connection has none to keep.
 */
export async function servesBesideOpen(url: string, options: UserAgentOptions, patience = PATIENCE): Promise<boolean> {
  const { origin, protocol } = new URL(url);
  const agent = keepingAgent(protocol, { maxFreeSockets: 2 * MOST_IDLE });
  const planned = { method: 'GET', url } as const;
  const way = { cause: 'typed', initiator: undefined, chain: [url], policy: '', home: origin } as const;
  const ask = async (over: Agent | false) => {
    const sent = await send(planned, headersOf(options, planned, way, {}), '', patience, options.ca, over);
    return sent.kind === 'answer';
  };
  try {
    const answered = await Promise.all(Array.from({ length: 2 * MOST_IDLE }, () => ask(agent)));
    const open = Object.values(agent.freeSockets).flat().length;
    return answered.every(Boolean) && open === 2 * MOST_IDLE && (await ask(false));
  } finally {
    agent.destroy();
  }
}
