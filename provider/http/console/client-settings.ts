import type { Client } from '../../oidc/clients.ts';
import { aspNetCore } from './settings/asp-net-core.ts';
import { authJs } from './settings/auth-js.ts';
import { authlib } from './settings/authlib.ts';
import { expressOpenidConnect } from './settings/express-openid-connect.ts';
import { type Facts, factsOf } from './settings/facts.ts';
import { laravelSocialite } from './settings/laravel-socialite.ts';
import { modAuthOpenidc } from './settings/mod-auth-openidc.ts';
import { openidClient } from './settings/openid-client.ts';
import { plainOauth } from './settings/plain-oauth.ts';
import { springSecurity } from './settings/spring-security.ts';

/** Settings of one library, ready to paste. */
export interface LibrarySettings {
  readonly library: string;
  /** Where it goes. */
  readonly file: string;
  readonly text: string;
}

/** What a relying party needs to know, as the libraries it may use want to be told; the page on libraries quotes these. */
export function librarySettings(client: Client, issuer: string): readonly LibrarySettings[] {
  const facts = factsOf(client, issuer);
  return libraries.map(({ library, file, textOf }) => ({ library, file, text: textOf(facts) }));
}

const libraries: readonly {
  readonly library: string;
  readonly file: string;
  readonly textOf: (facts: Facts) => string;
}[] = [
  { library: 'openid-client', file: 'login.js', textOf: openidClient },
  { library: 'Auth.js', file: 'auth-config.js', textOf: authJs },
  { library: 'express-openid-connect', file: 'emta.js', textOf: expressOpenidConnect },
  { library: 'Spring Security', file: 'application.yml', textOf: springSecurity },
  { library: 'ASP.NET Core', file: 'Program.cs', textOf: aspNetCore },
  { library: 'Laravel Socialite', file: 'EmtaProvider.php', textOf: laravelSocialite },
  { library: 'Django with Authlib', file: 'emta.py', textOf: authlib },
  { library: 'Apache mod_auth_openidc', file: 'emta.conf', textOf: modAuthOpenidc },
  { library: 'OAuth 2.0', file: '.env', textOf: plainOauth },
];
