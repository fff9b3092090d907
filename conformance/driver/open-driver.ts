import type { RelyingParty } from '../relying-party.ts';
import { findChromium, openChromium } from './chromium.ts';
import { chromiumArguments, createChromiumAgent } from './chromium-agent.ts';
import { type CommandDriver, startCommandDriver } from './command-driver.ts';
import { createCommandSiteDriver, helloOf } from './command-site-driver.ts';
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
  readonly issuer: string;
  readonly emtaOrigin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the citizens drawn so far, for pictures to be without them. */
  readonly names: () => readonly string[];
}

/** Opens the driver that the relying party's file names. */
export async function openDriver(rp: Pick<RelyingParty, 'driver'>, setting: DriverSetting): Promise<OpenDriver> {
  const { agentOptions, emtaOrigin, env } = setting;
  const http = createUserAgent(agentOptions);
  switch (rp.driver.kind) {
    case 'http':
      return { agent: http, siteOf: async (of) => createHttpDriver(of, http, emtaOrigin), close: async () => {} };
    case 'browser': {
      const browser = await openChromium(findChromium(env), chromiumArguments);
      const agent = createChromiumAgent({ ...agentOptions, browser, http, names: setting.names, emtaOrigin });
      return { agent, siteOf: async (of) => createHttpDriver(of, agent, emtaOrigin), close: () => agent.close() };
    }
    case 'command': {
      const started: CommandDriver[] = [];
      return {
        agent: http,
        async siteOf(of) {
          // the command of a copy has the copy's port in it
          const command = of.driver.kind === 'command' ? of.driver.command : [];
          const driver = await startCommandDriver({ command, cwd: of.folder, env, hello: helloOf(of, setting.issuer) });
          started.push(driver);
          return createCommandSiteDriver(of, driver, createHttpDriver(of, http, emtaOrigin), http);
        },
        async close() {
          // every verdict is there by now: how a driver says goodbye changes none; --check-driver looks at it
          await Promise.all(started.map((driver) => driver.stop()));
        },
      };
    }
  }
}
