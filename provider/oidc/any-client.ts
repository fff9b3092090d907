import { isEmtaError } from '../kernel/errors.ts';
import { allScopes, type Client, type ClientRegistry, parseClient } from './clients.ts';
import { Provider } from './library.ts';

/**
 * Takes every client_id with any redirect URI, any secret and either way of sending it: for a quick start, before a
 * relying party is registered. A registered client is held to its registration as ever.
 */
export function takeAnyClient(clients: ClientRegistry): ClientRegistry {
  return { ...clients, find: async (clientId) => (await clients.find(clientId)) ?? madeUp(clientId) };
}

/** The registration that the request under way would need; undefined where no registration could be so. */
function madeUp(clientId: string): Client | undefined {
  const ctx = Provider.ctx;
  const params = ctx?.oidc.params ?? {};
  const secret = params.client_secret ?? secretOfBasic(ctx?.get('authorization') ?? '');
  const redirectUri = params.redirect_uri;
  const metadata = {
    client_id: clientId,
    client_name: clientId,
    redirect_uris: [typeof redirectUri === 'string' && URL.canParse(redirectUri) ? redirectUri : 'http://localhost/'],
    scope: allScopes.join(' '),
    ...(typeof secret === 'string' && secret !== '' && { client_secret: secret }),
    emta_relax: ['client-auth-method', 'pkce'],
  };
  try {
    return parseClient(metadata);
  } catch (error) {
    if (isEmtaError(error) && error.code === 'bad_client') return undefined;
    throw error;
  }
}

function secretOfBasic(header: string): string | undefined {
  const [, credentials] = /^Basic (\S+)$/i.exec(header) ?? [];
  if (!credentials) return undefined;
  const [, secret = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return new URLSearchParams(`secret=${secret}`).get('secret') ?? undefined;
}
