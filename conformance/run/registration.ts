import type { EmtaControl } from '../driver/emta-control.ts';
import type { JsonObject } from '../driver/emta-wire.ts';
import { ConformanceError } from '../errors.ts';
import type { RelyingParty } from '../rp-file.ts';

type Client = RelyingParty['client'];

/** A client's metadata as Emta takes them. */
export const clientWire = (client: Client): JsonObject => JSON.parse(JSON.stringify(client)) as JsonObject;

/** The client's registration at Emta for as long as a run lasts. */
export interface Registration {
  make(client: Client): Promise<void>;
  /** Throws `client_replaced` where it is no longer as this run made it last. */
  check(issuer: string): Promise<void>;
  /** Puts back what ports of this run's own took the place of; a registration that somebody else made stays. */
  leave(): Promise<void>;
}

export function createRegistration(
  control: Pick<EmtaControl, 'client' | 'putClient'>,
  { usesPort }: Pick<RelyingParty, 'usesPort'>,
): Registration {
  let before: JsonObject | undefined;
  let ours: Client | undefined;

  async function isOurs({ client_id, client_secret, redirect_uris }: Client): Promise<boolean> {
    const now = await control.client(client_id);
    const uris: readonly unknown[] = Array.isArray(now?.redirect_uris) ? now.redirect_uris : [];
    return redirect_uris.every((uri) => uris.includes(uri)) && now?.client_secret === client_secret;
  }

  const put = async (client: Client) => {
    if (ours === undefined && usesPort) before = await control.client(client.client_id);
    ours = client;
    await control.putClient(clientWire(client));
  };
  /** Copies register side by side, each with the addresses of those before it. */
  let last: Promise<unknown> = Promise.resolve();

  return {
    make(client) {
      const made = last.then(() => put(client));
      last = made.catch(() => undefined);
      return made;
    },
    async check(issuer) {
      if (ours === undefined || (await isOurs(ours))) return;
      throw new ConformanceError(
        'client_replaced',
        `expected the client "${ours.client_id}" to stay registered at ${issuer} as this run did it, got another registration`,
        {
          lines: [
            'another run, or a person, registered it anew meanwhile, so that no verdict of this run counts',
            'give each run an Emta of its own: hand ${issuer} to the site in "launch", or set EMTA_URL to another port for each',
          ],
        },
      );
    },
    async leave() {
      if (before !== undefined && ours !== undefined && (await isOurs(ours))) await control.putClient(before);
    },
  };
}
