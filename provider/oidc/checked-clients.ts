import type { Provider } from 'oidc-provider';
import { EmtaError } from '../kernel/errors.ts';
import type { Client, ClientRegistry } from './clients.ts';

type Refused = Error & { readonly error_description?: string };

/** Refuses at registration what oidc-provider would refuse at each request. Throws `bad_client`. */
export function checkedClients(clients: ClientRegistry, provider: Provider): ClientRegistry {
  return {
    ...clients,
    async put(client) {
      const before = await clients.find(client.client_id);
      await clients.put(client);
      try {
        await checkClient(client, provider);
      } catch (error) {
        await (before ? clients.put(before) : clients.delete(client.client_id));
        throw error;
      }
    },
  };
}

/** Tries whether oidc-provider takes a client that the registry holds. Throws `bad_client`. */
export async function checkClient({ client_id }: Client, provider: Provider): Promise<void> {
  try {
    await provider.Client.find(client_id);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'InvalidClientMetadata') throw error;
    const { error_description = error.message }: Refused = error;
    throw new EmtaError('bad_client', `${client_id}: ${error_description}`, { cause: error });
  }
}
