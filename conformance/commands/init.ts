import { existsSync, writeFileSync } from 'node:fs';
import { emptyJar } from '../driver/jar.ts';
import type { Page } from '../driver/page.ts';
import { sitesApart } from '../driver/site.ts';
import { createUserAgent, type Trace, type UserAgent } from '../driver/user-agent.ts';
import { ConformanceError } from '../errors.ts';
import { madeSecret } from '../rp-file.ts';
import type { ExitCode, Io } from './io.ts';

export interface InitOptions {
  /** Where to write the draft; `-` prints it. */
  readonly out: string;
  readonly force: boolean;
}

const loginWords = /log-?in|sign-?in|auth|oidc|sso|emta|ورود|ثبت\s?نام/i;
const accountWords = /account|profile|dashboard|panel|\bme\b|حساب|پروفایل|کاربری/i;
const logoutWords = /log-?out|sign-?out|خروج/i;
const probePaths = ['/api/me', '/me', '/api/session', '/session', '/api/user', '/whoami'];

interface Authorize {
  readonly startUrl: string;
  readonly parameters: URLSearchParams;
}

/** Writes a draft of `emta-rp.json` by looking at a running site, and says what was seen and what is a guess. */
export async function init(address: string, options: InitOptions, io: Io): Promise<ExitCode> {
  const start = addressOf(address);
  if (options.out !== '-' && existsSync(options.out) && !options.force) {
    throw new ConformanceError('usage', `"${options.out}" exists already`, {
      lines: ['--force writes over it, --out names another file'],
    });
  }
  const agent = createUserAgent({ sites: sitesApart([]), locale: 'fa', now: io.now, hosts: new Set([start.hostname]) });
  const first = await look(agent, start.href);
  const pages = first.page === undefined ? [] : [first.page];
  const authorize = authorizeOf(first, start.href) ?? (await followLogins(agent, first.page));
  const draft = draftOf({ start, pages, authorize, probe: await findProbe(agent, start) });
  const text = `${JSON.stringify(draft.file, null, 2)}\n`;
  if (options.out === '-') io.out(text);
  else {
    writeFileSync(options.out, text);
    io.err(`emta: draft written to ${options.out}\n`);
  }
  for (const note of draft.notes) io.err(`  - ${note}\n`);
  io.err('emta: next, `emta certify` with this file\n');
  return 0;
}

function addressOf(address: string): URL {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return new URL(address);
  throw new ConformanceError('usage', `expected an address like http://127.0.0.1:8080/login, got "${address}"`);
}

const isAuthorization = (url: string): boolean => {
  const { searchParams } = new URL(url);
  return searchParams.has('client_id') && (searchParams.has('response_type') || searchParams.has('request_uri'));
};

async function look(agent: UserAgent, url: string): Promise<Trace> {
  const trace = await agent.visit(
    emptyJar(),
    { method: 'GET', url },
    { holdBefore: (next) => isAuthorization(next.url) },
  );
  if (trace.ending.kind === 'broken') {
    throw new ConformanceError(
      'rp_unreachable',
      `expected a site at ${url}, got ${trace.ending.code}: ${trace.ending.message}`,
      {
        lines: ['start the relying party first'],
      },
    );
  }
  if (trace.ending.kind === 'silence') throw new ConformanceError('rp_unreachable', `${url} did not answer in time`);
  return trace;
}

function authorizeOf(trace: Trace, startUrl: string): Authorize | undefined {
  const { ending } = trace;
  const url = ending.kind === 'held' ? ending.next.url : ending.kind === 'off-limits' ? ending.url : undefined;
  return url !== undefined && isAuthorization(url) ? { startUrl, parameters: new URL(url).searchParams } : undefined;
}

/** Tries what looks like a way to log in, the likeliest first, and stops at the first that leads to an authorization request. */
async function followLogins(agent: UserAgent, page: Page | undefined): Promise<Authorize | undefined> {
  if (page === undefined) return undefined;
  const { origin } = new URL(page.url);
  const targets = page.links
    .filter((link) => loginWords.test(`${link.href} ${link.text}`) && new URL(link.href).origin === origin)
    .map((link) => link.href);
  const most = 8;
  for (const url of [...new Set(targets)].slice(0, most)) {
    const found = authorizeOf(await look(agent, url), url);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findProbe(agent: UserAgent, start: URL): Promise<string | undefined> {
  for (const path of probePaths) {
    const url = new URL(path, start).href;
    const { hops } = await agent.visit(emptyJar(), { method: 'GET', url }, { asFetch: true });
    const answer = hops.at(-1);
    if (hops.length === 1 && answer?.status === 401) return url;
  }
  return undefined;
}

interface Seen {
  readonly start: URL;
  readonly pages: readonly Page[];
  readonly authorize: Authorize | undefined;
  readonly probe: string | undefined;
}

function draftOf({ start, pages, authorize, probe }: Seen) {
  const links = pages.flatMap((page) => page.links).filter((link) => new URL(link.href).origin === start.origin);
  const linkLike = (words: RegExp) =>
    links.find((link) => words.test(`${new URL(link.href).pathname} ${link.text}`))?.href;
  const account = linkLike(accountWords);
  const logout = linkLike(logoutWords);
  const parameter = (name: string) => authorize?.parameters.get(name) ?? undefined;
  const redirectUri = parameter('redirect_uri');
  const notes = [
    authorize === undefined
      ? `guess: start_url; nothing at ${start.href} led to an authorization request, so name the address that starts a login`
      : `seen: start_url, client_id${redirectUri === undefined ? '' : ', redirect_uris'}, scope, by the authorization request of ${authorize.startUrl}`,
    ...(authorize !== undefined && redirectUri === undefined
      ? ['guess: redirect_uris; the request was pushed or signed and did not show it']
      : []),
    account === undefined
      ? 'guess: protected_url; name a page that shows something personal once signed in'
      : `guess: protected_url, by a link on the page; it must show something personal once signed in`,
    'guess: token_endpoint_auth_method; it does not show from outside',
    'made: client_secret; give it to your site, or write the one that your site has in its place',
    probe === undefined
      ? 'left out: session_url; an address that says who is signed in turns doubts into verdicts'
      : `seen: session_url answers 401 to a stranger; check that it answers 200 with "sub" or "id" to a customer`,
    ...(logout === undefined ? ['left out: logout_url, and with it the logout rows'] : []),
    'left out: refusal and mismatch; the words your pages show after a refusal and a mismatch let the harness read them',
  ];
  const name = pages[0]?.title.trim();
  const clientId = parameter('client_id') ?? 'my-shop';
  const file = {
    name: name === undefined || name === '' ? start.host : name,
    version: '0.0.0',
    start_url: authorize?.startUrl ?? start.href,
    protected_url: account ?? new URL('/account', start).href,
    client: {
      client_id: clientId,
      client_secret: madeSecret(clientId),
      redirect_uris: [redirectUri ?? new URL('/callback', start).href],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: parameter('scope') ?? 'openid user:identity:general user:primaryMobileNumber',
    },
    ...(probe === undefined ? {} : { session_url: probe }),
    ...(logout === undefined ? {} : { logout_url: logout }),
  };
  return { file, notes };
}
