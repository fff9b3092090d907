import { connectEmta } from '../driver/emta-control.ts';
import { openImpostor } from '../driver/impostor.ts';
import type { Tools } from '../driver/interpreter.ts';
import { emptyJar } from '../driver/jar.ts';
import { type Launched, type LaunchValues, launch } from '../driver/launch.ts';
import type { SiteDriver } from '../driver/site-driver.ts';
import type { UserAgent } from '../driver/user-agent.ts';
import { fillPlaceholders, type RelyingParty } from '../rp-file.ts';
import { originsOf } from './plan.ts';
import { clientWire } from './registration.ts';

/** The relying party where it runs: found there, or started by its own command. */
export interface Standing {
  /** With every `${port}` filled in. */
  readonly rp: RelyingParty;
  /** Starts it anew where the harness started it and it has ended since. */
  revive(): Promise<void>;
  /** Copies of it, at this Emta or another; nothing where it cannot be started a second time. */
  copies(siteOf: (rp: RelyingParty) => Promise<SiteDriver>, at?: Whereto): Tools['relaunch'];
  stop(): Promise<void>;
}

/** The Emta that a copy is given. */
export interface Whereto {
  readonly issuer: string;
  readonly register: (metadata: RelyingParty['client']) => Promise<void>;
}

export interface StandingSetting {
  /** As the file says it, `${port}` not filled in. */
  readonly declared: RelyingParty;
  readonly values: LaunchValues;
  readonly controlToken?: string;
  readonly agentOf: (rp: RelyingParty) => UserAgent;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  readonly register: (metadata: RelyingParty['client']) => Promise<void>;
}

/** Finds the relying party, or starts it where its file says how and nobody answers there yet. */
export async function standUp(setting: StandingSetting): Promise<Standing> {
  const { declared, values, agentOf, wait, register } = setting;
  const start = (rp: RelyingParty, more: { values?: LaunchValues; env?: Readonly<Record<string, string>> } = {}) =>
    launch(rp, more.values ?? values, {
      agent: agentOf(rp),
      wait,
      ...(more.env === undefined ? {} : { env: more.env }),
    });

  let launched: Launched | undefined;
  if (declared.launch !== undefined && !(await isThere(declared, declared.launch.readyUrl, agentOf))) {
    // with a port of its own its redirect URIs are not known before it is launched
    if (!declared.usesPort) await register(declared.client);
    launched = await start(declared);
  }
  const rp = launched?.rp ?? declared;
  await register(rp.client);

  const relaunch = (siteOf: (rp: RelyingParty) => Promise<SiteDriver>, at: Whereto): NonNullable<Tools['relaunch']> => {
    /** Copies run side by side, and each comes back to an address of its own. */
    const knownUris = new Set(rp.client.redirect_uris);
    return async (how, mark) => {
      const impostor =
        how === 'untrusted' || how === 'other-name' ? await openImpostor(at.issuer, how, setting.now()) : undefined;
      const hostile = how === 'second-issuer' ? openHostile(mark, rp, setting) : undefined;
      const leave = async () => {
        await impostor?.close();
        hostile?.close();
      };
      // without a port of its own a copy takes the place of the relying party for as long as it runs
      if (!declared.usesPort) await launched?.stop();
      const copy = await start(declared, {
        values: {
          ...values,
          issuer: impostor?.issuer ?? at.issuer,
          ...(impostor === undefined ? {} : { ca_file: impostor.caFile }),
        },
        ...(hostile === undefined ? {} : { env: hostile.env }),
      }).catch(async (error: unknown) => {
        await leave();
        throw error;
      });
      for (const uri of copy.rp.client.redirect_uris) knownUris.add(uri);
      await at.register({ ...rp.client, redirect_uris: [...knownUris] });
      await hostile?.welcome(copy.rp);
      return {
        rp: copy.rp,
        site: await siteOf(copy.rp),
        origins: originsOf(copy.rp),
        ...(impostor === undefined ? {} : { issuer: impostor.issuer }),
        ...(hostile === undefined ? {} : { hostileCalls: hostile.calls }),
        async stop() {
          await copy.stop();
          await leave();
          if (!declared.usesPort) launched = await start(rp);
        },
      };
    };
  };

  return {
    rp,
    async revive() {
      if (launched !== undefined && !launched.isRunning()) launched = await start(rp);
    },
    // a relying party that somebody else runs on a port of its own cannot be started a second time
    copies: (siteOf, at = { issuer: values.issuer, register }) =>
      declared.launch !== undefined && (declared.usesPort || launched !== undefined) ? relaunch(siteOf, at) : undefined,
    async stop() {
      await launched?.stop();
    },
  };
}

async function isThere(rp: RelyingParty, readyUrl: string, agentOf: StandingSetting['agentOf']): Promise<boolean> {
  if (rp.usesPort) return false;
  const { ending } = await agentOf(rp).visit(emptyJar(), { method: 'GET', url: readyUrl }, { milliseconds: 1000 });
  return ending.kind === 'page';
}

/** A namespace of Emta that plays the hostile issuer: it passes every login on to the honest one. */
function openHostile(mark: string, rp: RelyingParty, { declared, values, controlToken }: StandingSetting) {
  const issuer = `${values.issuer}/t/hostile-${mark}`;
  const theirs = connectEmta(issuer, controlToken === undefined ? {} : { token: controlToken });
  const { client_id, client_secret = '' } = declared.secondIssuer?.client ?? { client_id: '' };
  return {
    env: fillPlaceholders(declared.secondIssuer?.env ?? {}, { ...values, issuer, client_id, client_secret }),
    async welcome(copy: RelyingParty) {
      if (copy.secondIssuer === undefined) return;
      await theirs.putClient(clientWire(copy.secondIssuer.client));
      await theirs.arm(
        'authorization.passed_on',
        { client_id: copy.secondIssuer.client.client_id },
        {
          parameters: {
            authorization_endpoint: `${values.issuer}/oauth/authorize`,
            client_id: rp.client.client_id,
          },
        },
      );
    },
    calls: () => theirs.exchanges({ after: 0 }),
    close: () => theirs.close(),
  };
}
