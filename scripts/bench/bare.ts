// A bare oidc-provider with its own login and consent pages and its own adapter: what Emta is measured against.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { beSubject, type SubjectOptions } from './child.ts';
import { relyingParty } from './parties.ts';

// The library says that these parts are for trying out alone; that is what a baseline is.
globalThis.console.warn = () => undefined;
globalThis.console.info = () => undefined;
const { Provider } = await import('oidc-provider');

const { port } = JSON.parse(process.argv[2] ?? '{}') as SubjectOptions;
const issuer = `http://127.0.0.1:${port}`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [{ ...relyingParty, token_endpoint_auth_method: 'client_secret_post', scope: 'openid' }],
  cookies: { keys: ['made-up-for-the-bench'] },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }] },
});
const server = createServer(provider.callback());
await once(server.listen(port, '127.0.0.1'), 'listening');
beSubject(issuer, async () => {
  server.closeAllConnections();
  server.close();
});
