import * as client from 'openid-client';
import type { EmtaClient, SaleSiteOptions } from '../options.ts';
import type { Clock } from '../ports.ts';
import { LoginEnded } from './reason.ts';

/** An Emta that the site signs in with. */
export interface Emta extends EmtaClient {
  readonly redirectUri: string;
  readonly face: 'oidc' | 'oauth2';
  readonly tokenEndpointAuthMethod: 'client_secret_post' | 'client_secret_basic';
  readonly clock: Clock;
  /** Metadata and keys, believed for a minute: a key that was withdrawn is forgotten by then. */
  configuration(): Promise<client.Configuration>;
}

const believedFor = 60 * 1000;
/** Seconds for one call: a code and a record are fetched within what a person waits for. */
const patience = 5;
const clockTolerance = 30;

export type EmtaOptions = EmtaClient &
  Pick<SaleSiteOptions, 'face' | 'tokenEndpointAuthMethod'> & { readonly redirectUri: string };

export interface EmtaPorts {
  readonly clock: Clock;
  /** How the back channel is called. Default: `fetch`, which trusts what Node trusts and takes JSON only. */
  readonly fetch?: client.CustomFetch;
}

export function createEmta(options: EmtaOptions, { clock, fetch: ask = fetchJson }: EmtaPorts): Emta {
  const { issuer, clientId, clientSecret, redirectUri } = options;
  const face = options.face ?? 'oidc';
  const tokenEndpointAuthMethod = options.tokenEndpointAuthMethod ?? 'client_secret_post';
  let believed: { readonly configuration: Promise<client.Configuration>; readonly until: number } | undefined;

  const authenticate = {
    client_secret_post: client.ClientSecretPost,
    client_secret_basic: client.ClientSecretBasic,
  }[tokenEndpointAuthMethod](clientSecret);
  const metadata = { id_token_signed_response_alg: 'RS256', [client.clockTolerance]: clockTolerance };
  const extensions = [
    // Signatures are checked even though the ID token comes straight from the token endpoint.
    client.enableNonRepudiationChecks,
    ...(isPlainLoopback(issuer) ? [client.allowInsecureRequests] : []),
  ];

  async function discover(): Promise<client.Configuration> {
    if (face === 'oauth2') {
      // The real Emta publishes no metadata: its addresses are fixed.
      const server = {
        issuer,
        authorization_endpoint: `${issuer}/oauth/authorize`,
        token_endpoint: `${issuer}/service/v1/oauth/token`,
      };
      const configuration = new client.Configuration(server, clientId, metadata, authenticate);
      configuration.timeout = patience;
      configuration[client.customFetch] = ask;
      for (const extend of extensions) extend(configuration);
      return configuration;
    }
    return client.discovery(new URL(issuer), clientId, metadata, authenticate, {
      execute: extensions,
      timeout: patience,
      [client.customFetch]: ask,
    });
  }

  return {
    issuer,
    clientId,
    clientSecret,
    redirectUri,
    face,
    tokenEndpointAuthMethod,
    clock,
    async configuration() {
      if (believed === undefined || believed.until <= clock.now()) {
        believed = { configuration: discover(), until: clock.now() + believedFor };
      }
      const asked = believed;
      try {
        return await asked.configuration;
      } catch (error) {
        if (believed === asked) believed = undefined;
        throw error;
      }
    },
  };
}

/** Plain http is for an Emta on the developer's own machine alone. */
function isPlainLoopback(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'http:' && /^(localhost|.+\.localhost|127(\.[0-9]+){3}|\[::1\])$/.test(hostname);
}

/** openid-client parses whatever reads as JSON; a success that says it is something else is none (RFC 6749 5.1). */
export const fetchJson: client.CustomFetch = async (url, { body, signal, ...options }) => {
  const sent = { ...options, ...(body ? { body: String(body) } : {}), ...(signal === undefined ? {} : { signal }) };
  return onlyJson(await fetch(url, sent));
};

/** Takes no answer that does not say what it is. */
export function onlyJson(response: Response): Response {
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && !/^application\/(jwt|([\w.-]+\+)?json)\b/i.test(type)) throw new LoginEnded('bad_answer', type);
  return response;
}
