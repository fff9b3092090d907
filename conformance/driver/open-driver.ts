import type { RelyingParty } from '../relying-party.ts';
import { openChromium } from './chromium.ts';
import { chromiumArguments, createChromiumAgent } from './chromium-agent.ts';
import { createHttpDriver, type SiteDriver } from './site-driver.ts';
import { createUserAgent, type UserAgent, type UserAgentOptions } from './user-agent.ts';

/** What leads a browser through the relying party in this run. */
export interface OpenDriver {
  readonly agent: UserAgent;
  /** The way through a relying party; through a copy of it as well, at its own addresses. */
  siteOf(rp: RelyingParty): Promise<SiteDriver>;
  close(): Promise<void>;
}

export interface DriverSetting {
  readonly agentOptions: UserAgentOptions;
  readonly emtaOrigin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the citizens drawn so far, for pictures to be without them. */
  readonly names: () => readonly string[];
}

/** Opens the driver that the relying party's file names. */
export async function openDriver(rp: Pick<RelyingParty, 'driver'>, setting: DriverSetting): Promise<OpenDriver> {
  const http = createUserAgent(setting.agentOptions);
  if (rp.driver.kind !== 'browser') {
    return { agent: http, siteOf: async (of) => createHttpDriver(of, http, setting.emtaOrigin), close: async () => {} };
  }
  const agent = createChromiumAgent({
    ...setting.agentOptions,
    browser: await openChromium(setting.env, chromiumArguments),
    http,
    names: setting.names,
    emtaOrigin: setting.emtaOrigin,
  });
  return { agent, siteOf: async (of) => createHttpDriver(of, agent, setting.emtaOrigin), close: () => agent.close() };
}
