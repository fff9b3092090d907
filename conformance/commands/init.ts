import { existsSync, writeFileSync } from 'node:fs';
import { emptyJar, type Jar } from '../driver/jar.ts';
import type { Field, Page } from '../driver/page.ts';
import { isLoopback, sitesApart } from '../driver/site.ts';
import { createUserAgent, submission, type Trace, type UserAgent } from '../driver/user-agent.ts';
import { ConformanceError } from '../errors.ts';
import { madeSecret } from '../rp-file.ts';
import type { ExitCode, Io } from './io.ts';

export interface InitOptions {
  /** Where to write the draft; `-` prints it. */
  readonly out: string;
  readonly force: boolean;
}

const loginWords = /log[\s-]?in|sign[\s-]?in|auth|oidc|sso|emta|ورود|ثبت\s?نام/i;
const accountWords = /account|profile|dashboard|panel|\bme\b|حساب|پروفایل|کاربری/i;
const logoutWords = /log[\s-]?out|sign[\s-]?out|خروج/i;
const accountPaths = ['/account', '/profile', '/dashboard', '/panel', '/me', '/user'];
const probePaths = ['/api/me', '/me', '/api/session', '/session', '/api/user', '/whoami'];

interface Authorize {
  /** As the file has it: an address, or the form of a page. */
  readonly start:
    | string
    | { readonly url: string; readonly method: 'POST'; readonly form?: Readonly<Record<string, string>> };
  readonly parameters: URLSearchParams;
}

/** Writes a draft of `emta-rp.json` by looking at a running site, and says what was seen and what is a guess. */
export async function init(
  address: string,
  options: InitOptions,
  io: Pick<Io, 'out' | 'err' | 'now'>,
): Promise<ExitCode> {
  const start = addressOf(address);
  if (options.out !== '-' && existsSync(options.out) && !options.force) {
    throw new ConformanceError('usage', `"${options.out}" exists already`, {
      lines: ['--force writes over it, --out names another file'],
    });
  }
  const agent = createUserAgent({ sites: sitesApart([]), locale: 'fa', now: io.now, hosts: new Set([start.hostname]) });
  const jar = emptyJar();
  const first = await look(agent, start.href, jar);
  const authorize =
    authorizeOf(first, start.href) ??
    (await pressLogin(agent, jar, first.page)) ??
    (await followLogins(agent, first.page));
  // an address that leads straight to Emta shows nothing of the site itself
  const home = first.page === undefined ? await look(agent, new URL('/', start).href) : first;
  const pages = home.page === undefined ? [] : [home.page];
  const probe = await findProbe(agent, start);
  const account = await findAccount(agent, start, pages);
  const draft = draftOf({ start, pages, authorize, probe, account });
  const text = `${JSON.stringify(draft.file, null, 2)}\n`;
  if (options.out === '-') io.out(text);
  else {
    writeFileSync(options.out, text);
    io.err(`emta: draft written to ${options.out}\n`);
  }
  for (const note of draft.notes) io.err(`  - ${note}\n`);
  io.err(`emta: next, \`npx emta certify ${options.out === '-' ? 'FILE' : options.out} --html report.html\`\n`);
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

async function look(agent: UserAgent, url: string, jar = emptyJar()): Promise<Trace> {
  const trace = await agent.visit(jar, { method: 'GET', url }, { holdBefore: (next) => isAuthorization(next.url) });
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

function authorizeOf(trace: Trace, start: Authorize['start']): Authorize | undefined {
  const { ending } = trace;
  const url = ending.kind === 'held' ? ending.next.url : ending.kind === 'off-limits' ? ending.url : undefined;
  return url !== undefined && isAuthorization(url) ? { start, parameters: new URL(url).searchParams } : undefined;
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
    const jar = emptyJar();
    const trace = await look(agent, url, jar);
    const found = authorizeOf(trace, url) ?? (await pressLogin(agent, jar, trace.page));
    if (found !== undefined) return found;
  }
  return undefined;
}

const mobileWords = /mobile|phone|tel|msisdn|همراه|موبایل|تلفن/i;
const nationalWords = /national|melli|nid|کد\s?ملی/i;
const madeMobile = '09120000000';
const madeNationalCode = '9999999999';
const isPressed = ({ type }: Field) => ['hidden', 'submit', 'button', 'image'].includes(type);

/** What stands for a citizen's own in a field that he fills in; undefined where nobody can say. */
function typedIn({ name, label, type }: Field): readonly [placeholder: string, made: string] | undefined {
  const words = `${name} ${label}`;
  if (nationalWords.test(words)) return ['${national_code}', madeNationalCode];
  return type === 'tel' || mobileWords.test(words) ? ['${mobile}', madeMobile] : undefined;
}

/** Presses the button of each form that speaks of a login and asks for nothing, or for mobile number or national code. */
async function pressLogin(agent: UserAgent, jar: Jar, page: Page | undefined): Promise<Authorize | undefined> {
  for (const form of page?.forms ?? []) {
    if (page === undefined || form.method !== 'POST' || new URL(form.action).origin !== new URL(page.url).origin)
      continue;
    if (!loginWords.test(`${new URL(page.url).pathname} ${new URL(form.action).pathname} ${form.text}`)) continue;
    const asked = form.fields.filter((field) => !isPressed(field));
    const typed = asked.map((field) => ({ name: field.name, value: typedIn(field) }));
    if (typed.some(({ value }) => value === undefined)) continue;
    const values = (which: 0 | 1) => Object.fromEntries(typed.map(({ name, value }) => [name, value?.[which] ?? '']));
    const button = form.fields.find(({ type, name }) => type === 'submit' && name !== '');
    const trace = await agent.visit(jar, submission(form, values(1), button), {
      from: page.url,
      cause: 'form',
      holdBefore: (next) => isAuthorization(next.url),
    });
    const isOnly = page.forms.filter(({ fields }) => fields.every(isPressed)).length === 1;
    const url = asked.length > 0 || isOnly ? page.url : form.action;
    const found = authorizeOf(trace, { url, method: 'POST', ...(asked.length > 0 ? { form: values(0) } : {}) });
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findProbe(agent: UserAgent, start: URL): Promise<string | undefined> {
  for (const path of probePaths) {
    const url = new URL(path, start).href;
    const { hops } = await agent.visit(emptyJar(), { method: 'GET', url }, { asFetch: true });
    const answer = hops.at(-1);
    // a page that asks a stranger to sign in is one for people, and tells a probe nothing
    const isPage = /html/i.test(answer?.headers['content-type'] ?? '');
    if (hops.length === 1 && answer?.status === 401 && !isPage) return url;
  }
  return undefined;
}

const startText = (start: Authorize['start']): string =>
  typeof start === 'string' ? start : `the button on ${start.url}`;

const linkLike = (pages: readonly Page[], { origin }: URL, words: RegExp): string | undefined =>
  pages
    .flatMap((page) => page.links)
    .find(({ href, text }) => {
      const { origin: to, pathname } = new URL(href);
      return to === origin && words.test(`${pathname} ${text}`);
    })?.href;

interface Account {
  readonly url: string;
  readonly by: 'a link on the page' | 'its usual place';
}

/** The page of a customer: by a link, or at a usual place that is there. */
async function findAccount(agent: UserAgent, start: URL, pages: readonly Page[]): Promise<Account | undefined> {
  const linked = linkLike(pages, start, accountWords);
  if (linked !== undefined) return { url: linked, by: 'a link on the page' };
  for (const path of accountPaths) {
    const url = new URL(path, start).href;
    const { hops } = await look(agent, url);
    const status = hops[0]?.status ?? 404;
    if (status !== 404 && status < 500) return { url, by: 'its usual place' };
  }
  return undefined;
}

/** Cookies of one name of this machine are not sent to the other: a login that comes back to the other is lost. */
function sameHost(address: string, redirectUri: string | undefined): string {
  const url = new URL(address);
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return address;
  const { hostname, port } = new URL(redirectUri);
  if (hostname === url.hostname || port !== url.port || !isLoopback(hostname) || !isLoopback(url.hostname))
    return address;
  url.hostname = hostname;
  return url.href;
}

interface Seen {
  readonly start: URL;
  readonly pages: readonly Page[];
  readonly authorize: Authorize | undefined;
  readonly probe: string | undefined;
  readonly account: Account | undefined;
}

function draftOf({ start, pages, authorize, probe, account }: Seen) {
  const logout = linkLike(pages, start, logoutWords);
  const parameter = (name: string) => authorize?.parameters.get(name) ?? undefined;
  const redirectUri = parameter('redirect_uri');
  const here = (address: string) => sameHost(address, redirectUri);
  const started = authorize?.start ?? start.href;
  const notes = [
    authorize === undefined
      ? `guess: start_url; nothing at ${start.href} led to an authorization request, so name the address that starts a login`
      : `seen: start_url, client_id${redirectUri === undefined ? '' : ', redirect_uris'}, scope, by the authorization request of ${startText(authorize.start)}`,
    ...(here(start.href) === start.href
      ? []
      : [
          `seen: the login comes back to ${new URL(here(start.href)).hostname}, so every address is written with that name`,
        ]),
    ...(authorize !== undefined && redirectUri === undefined
      ? ['guess: redirect_uris; the request was pushed or signed and did not show it']
      : []),
    account === undefined
      ? 'guess: protected_url; name a page that shows something personal once signed in'
      : `guess: protected_url, by ${account.by}; it must show something personal once signed in`,
    'guess: token_endpoint_auth_method; it does not show from outside',
    'made: client_secret; give it to your site, or write the one that your site has in its place',
    probe === undefined
      ? 'left out: session_url; an address that says who is signed in turns doubts into verdicts'
      : `seen: session_url answers 401 to a stranger; check that it answers 200 with "sub" or "id" to a customer`,
    ...(logout === undefined ? ['left out: logout_url, and with it the logout rows'] : []),
    'left out: mobile_status; an address that says whether the number is proven decides rows that end in a warning without it',
    'left out: refusal and mismatch; the words your pages show after a refusal and a mismatch let the harness read them',
  ];
  const name = pages[0]?.title.trim();
  const clientId = parameter('client_id') ?? 'my-shop';
  const file = {
    name: name === undefined || name === '' ? start.host : name,
    version: '0.0.0',
    start_url: typeof started === 'string' ? here(started) : { ...started, url: here(started.url) },
    protected_url: here(account?.url ?? new URL('/account', start).href),
    client: {
      client_id: clientId,
      client_secret: madeSecret(clientId),
      redirect_uris: [redirectUri ?? new URL('/callback', start).href],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: parameter('scope') ?? 'openid user:identity:general user:primaryMobileNumber',
    },
    ...(probe === undefined ? {} : { session_url: here(probe) }),
    ...(logout === undefined ? {} : { logout_url: here(logout) }),
  };
  return { file, notes };
}
