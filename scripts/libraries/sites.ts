import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The smallest site around the settings that the page on libraries shows for one of them. */
export interface LibrarySite {
  readonly library: string;
  /** What a user saves the settings as. */
  readonly file: string;
  /** Beside this file: what stands around them. */
  readonly folder: string;
  /** Where a login starts; `/account` is what only those see who are signed in. */
  readonly start: string;
  /** Why it cannot be run on this machine, with how to mend it; undefined where it can. */
  readonly lacking: () => string | undefined;
  readonly command: () => readonly [program: string, ...args: string[]];
}

const apache = ['/usr/sbin/apache2', '/usr/lib/apache2/modules/mod_auth_openidc.so'];
/** The first Python that has what the settings import; Debian's own has it where another one stands before it. */
const python = () =>
  ['python3', '/usr/bin/python3'].find(
    (name) => spawnSync(name, ['-c', 'import django, requests, authlib.integrations.django_client']).status === 0,
  );

export const librarySites: readonly LibrarySite[] = [
  {
    library: 'express-openid-connect',
    file: 'emta.js',
    folder: 'express-openid-connect',
    start: '/login',
    lacking: () => undefined,
    command: () => [process.execPath, 'app.js'],
  },
  {
    library: 'Auth.js',
    file: 'auth-config.js',
    folder: 'auth-js',
    start: '/api/auth/signin',
    lacking: () => undefined,
    command: () => [process.execPath, 'app.js'],
  },
  {
    library: 'Django with Authlib',
    file: 'emta.py',
    folder: 'django',
    start: '/login',
    lacking: () =>
      python() === undefined
        ? 'needs Django and Authlib: apt-get install python3-django python3-authlib python3-requests'
        : undefined,
    command: () => [python() ?? 'python3', 'shop.py'],
  },
  {
    library: 'Apache mod_auth_openidc',
    file: 'emta.conf',
    folder: 'apache',
    start: '/account/',
    lacking: () =>
      apache.every((file) => existsSync(file))
        ? undefined
        : 'needs Apache with the module, where Debian puts them: apt-get install libapache2-mod-auth-openidc',
    command: () => ['/usr/sbin/apache2', '-d', '.', '-f', 'httpd.conf', '-D', 'FOREGROUND'],
  },
];
