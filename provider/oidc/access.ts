import type { Provider } from 'oidc-provider';
import type { Login, Logins } from './logins.ts';

/** What a bearer token opens. */
export interface Access {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  readonly login: Login;
}

/** Looks a bearer token up; undefined when it is unknown, expired or revoked. */
export async function accessOf(token: string, provider: Provider, logins: Logins): Promise<Access | undefined> {
  const found = await provider.AccessToken.find(token);
  if (!found?.clientId || !found.grantId || !found.scope) return undefined;
  const [login, grant] = await Promise.all([logins.byGrant(found.grantId), provider.Grant.find(found.grantId)]);
  if (!login || !grant) return undefined;
  return { clientId: found.clientId, scopes: new Set(grant.getOIDCScopeFiltered(found.scopes).split(' ')), login };
}
