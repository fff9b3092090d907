import type { SaleSiteOptions } from '../options.ts';
import { type Browser, createBrowser } from './browser.ts';
import { type RunningSite, startSite } from './start-site.ts';
import { reza, type StubEmta, startStubEmta } from './stub-emta.ts';

/** A stub issuer, and the sites with defects that a test sets before it. */
export interface Stage {
  readonly emta: StubEmta;
  siteWith(defect: string | undefined, options?: Partial<SaleSiteOptions>): Promise<RunningSite>;
  untamper(): void;
  /** Closes the sites of one test and makes the issuer sound again. */
  clear(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const emta = await startStubEmta();
  let open: RunningSite[] = [];
  const untamper = (): void => {
    for (const name of Object.keys(emta.tampering)) Reflect.deleteProperty(emta.tampering, name);
  };
  return {
    emta,
    async siteWith(defect, options = {}) {
      const site = await startSite(emta, { ...options, ...(defect === undefined ? {} : { defects: [defect] }) });
      open.push(site);
      return site;
    },
    untamper,
    async clear() {
      await Promise.all(open.map((site) => site.close()));
      open = [];
      untamper();
      emta.citizen = reza;
    },
  };
}

export function start(site: RunningSite, who: Browser = createBrowser(), nationalCode = '9991001026') {
  return who.open(`${site.url}/emta/start`, { form: { national_code: nationalCode } });
}

export async function me(site: RunningSite, who: Browser): Promise<string | undefined> {
  const page = await who.ask(`${site.url}/api/me`);
  return page.status === 200 ? String(JSON.parse(page.text).name) : undefined;
}

/** The answer to a citizen's login, kept back. */
export async function keptBack(site: RunningSite, who: Browser, nationalCode: string): Promise<URL> {
  const started = await who.ask(`${site.url}/emta/start`, { form: { national_code: nationalCode } });
  const answered = await who.ask(String(started.headers.location));
  return new URL(String(answered.headers.location));
}
