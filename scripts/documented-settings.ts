import { librarySettings } from '../provider/http/console/client-settings.ts';
import { parseClient } from '../provider/oidc/clients.ts';

/** Where libraries answer that choose the path themselves. */
const paths: Readonly<Record<string, string>> = {
  'Auth.js': '/api/auth/callback/emta',
  'Spring Security': '/login/oauth2/code/emta',
};
/** These know no other way of authenticating themselves. */
const posting = ['ASP.NET Core', 'Laravel Socialite'];

/** The client that the page on libraries registers for one of them. */
export function documentedClient(library: string) {
  return parseClient({
    client_id: 'shop',
    client_secret: 'made-up-secret',
    redirect_uris: [`http://localhost:8080${paths[library] ?? '/cb'}`],
    token_endpoint_auth_method: posting.includes(library) ? 'client_secret_post' : 'client_secret_basic',
    scope: 'openid user:identity:general user:primaryMobileNumber',
  });
}

/** What the console prints for that client. */
export function documentedSettings(library: string): string {
  const all = librarySettings(documentedClient(library), 'http://localhost:4299');
  const found = all.find((one) => one.library === library);
  if (found === undefined) throw new Error(`expected one of ${all.map((one) => one.library)}, got "${library}"`);
  return found.text;
}
