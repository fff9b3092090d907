import type { Client } from '../../../oidc/clients.ts';

/** What the settings of every library say in words of their own. */
export interface Facts {
  readonly issuer: string;
  readonly id: string;
  /** Empty for a client that has none. */
  readonly secret: string;
  readonly redirectUri: string;
  readonly method: string;
  readonly scopes: readonly string[];
  /** The algorithm of its ID tokens. */
  readonly signedWith: string;
  readonly isPlainHttp: boolean;
}

export function factsOf(client: Client, issuer: string): Facts {
  return {
    issuer,
    id: client.client_id,
    secret: client.client_secret ?? '',
    redirectUri: client.redirect_uris[0] ?? '',
    method: client.token_endpoint_auth_method,
    scopes: client.scope.split(' '),
    signedWith: client.id_token_signed_response_alg ?? 'RS256',
    isPlainHttp: issuer.startsWith('http:'),
  };
}

/** Lines of a text, without those that do not apply. */
export const lines = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false).join('\n');
/** As a string of JavaScript and PHP. */
export const js = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
/** As a string of JSON, YAML, C#, Python and Apache. */
export const json = (text: string): string => JSON.stringify(text);
export const pathOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).pathname : uri);
export const originOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).origin : uri);
