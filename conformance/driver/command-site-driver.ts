import type { RelyingParty } from '../relying-party.ts';
import { told } from '../told.ts';
import type { CommandDriver, Members, OptionalMessage } from './command-driver.ts';
import type { Jar, StoredCookie } from './jar.ts';
import { parsePage } from './page.ts';
import type { Hands, SiteDriver, Typed } from './site-driver.ts';
import { joined, type StepOptions, type Trace, type UserAgent } from './user-agent.ts';

const isRecord = (value: unknown): value is Members => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const sameSites = ['strict', 'lax', 'none', 'unset'] as const;

/** A cookie as the protocol's schema has checked it. */
function cookieOf(raw: unknown): StoredCookie {
  const cookie = isRecord(raw) ? raw : {};
  return {
    name: String(cookie.name),
    value: String(cookie.value),
    domain: String(cookie.domain).replace(/^\./, ''),
    path: String(cookie.path),
    httpOnly: cookie.http_only === true,
    secure: cookie.secure === true,
    sameSite: sameSites.find((one) => one === cookie.same_site) ?? 'unset',
    hostOnly: cookie.host_only !== false,
  };
}

const cookieWire = ({ name, value, domain, path, httpOnly, secure, sameSite, hostOnly }: StoredCookie) => ({
  name,
  value,
  domain,
  path,
  http_only: httpOnly,
  secure,
  same_site: sameSite,
  host_only: hostOnly,
});

const keyOf = ({ name, domain, path }: StoredCookie) => `${name}\n${domain}\n${path}`;

/** The relying party's addresses, as `hello` tells them. */
export const helloOf = (rp: RelyingParty, issuer: string): Members => ({
  issuer,
  locale: rp.locale,
  relying_party: {
    name: rp.name,
    start_url: rp.start.url,
    protected_url: rp.protectedUrl,
    ...(rp.session === undefined ? {} : { session_url: rp.session.url }),
    ...(rp.logout === undefined ? {} : { logout_url: rp.logout.url }),
    ...(rp.registrationUrl === undefined ? {} : { registration_url: rp.registrationUrl }),
  },
});

/** What the owner's driver takes on goes through it; all else, and every attack, through the HTTP driver. */
export function createCommandSiteDriver(
  rp: RelyingParty,
  driver: CommandDriver,
  http: SiteDriver,
  agent: UserAgent,
): SiteDriver {
  const names = new WeakMap<Jar, string>();
  let jars = 0;
  const can = (message: OptionalMessage) => driver.messages.has(message);

  const nameOf = (jar: Jar): string => {
    const known = names.get(jar);
    if (known !== undefined) return known;
    jars += 1;
    const name = `jar-${jars}`;
    names.set(jar, name);
    return name;
  };

  /** Asks the driver with the jar's cookies, and puts those of the answer into the jar. */
  const ask = async (message: OptionalMessage, jar: Jar, members: Members = {}): Promise<Members> => {
    const cookies = (await jar.all()).map(cookieWire);
    const answer = await driver.ask(message, { jar: { name: nameOf(jar), cookies }, ...members });
    if (!Array.isArray(answer.cookies)) return answer;
    const now = new Map(answer.cookies.map(cookieOf).map((cookie) => [keyOf(cookie), cookie]));
    for (const cookie of await jar.all()) if (!now.has(keyOf(cookie))) await jar.drop(cookie);
    for (const cookie of now.values()) await jar.put(cookie);
    return answer;
  };

  /** A page that the driver tells of, as the end of a step. */
  const shown = (raw: unknown): Trace | undefined => {
    if (!isRecord(raw)) return undefined;
    const answer = {
      url: String(raw.url),
      status: Number(raw.status),
      contentType: 'text/html',
      body: String(raw.html),
    };
    const page = parsePage(answer);
    const hop = {
      method: 'GET',
      url: page.url,
      cause: 'script' as const,
      requestHeaders: {},
      requestBody: '',
      sentCookies: [],
      status: page.status,
      statusText: '',
      headers: { 'content-type': 'text/html' },
      setCookies: [],
      body: page.body,
      milliseconds: 0,
    };
    return { hops: [hop], ending: { kind: 'page' }, page };
  };

  /** On to Emta by the harness's own browser, in the jar that the driver filled. */
  const sentOn = async (jar: Jar, answer: Members, start: string, options: StepOptions): Promise<Trace> => {
    const url = textOf(answer.authorization_url);
    const page = shown(answer.page);
    if (url === undefined) return page ?? { hops: [], ending: { kind: 'page' } };
    const from = textOf(answer.from) ?? start;
    const trace = await agent.visit(jar, { method: 'GET', url }, { ...options, from, cause: 'script' });
    return page === undefined ? trace : joined(page, trace);
  };

  const typedWire = ({ mobile, nationalCode }: Typed) => ({ mobile, national_code: nationalCode });

  const read = async (jar: Jar) => {
    const answer = await ask('state', jar);
    const account = textOf(answer.account);
    const evidence = account === undefined ? told`state of the driver` : told`state of the driver: ${`"${account}"`}`;
    return {
      answer,
      probe:
        answer.signed_in === true
          ? ({ kind: 'in', evidence, ...(account === undefined ? {} : { value: account }) } as const)
          : ({ kind: 'anonymous', evidence: told`state of the driver: nobody` } as const),
    };
  };

  const pageAfter = async (message: 'register' | 'sign_in', jar: Jar, members: Members): Promise<Trace> =>
    shown((await ask(message, jar, members)).page) ?? { hops: [], ending: { kind: 'page' } };

  const hands: Hands = {
    ...(can('register') ? { register: (jar, step, fields) => pageAfter('register', jar, { step, fields }) } : {}),
    ...(can('sign_in')
      ? {
          signIn: (jar, nationalCode, password) => pageAfter('sign_in', jar, { national_code: nationalCode, password }),
        }
      : {}),
    ...(can('validation_code')
      ? { validationCode: async (jar, mobile) => textOf((await ask('validation_code', jar, { mobile })).code) }
      : {}),
    ...(can('captcha') ? { captcha: async (jar) => textOf((await ask('captcha', jar)).captcha) } : {}),
  };

  return {
    hands,
    start(jar, typed, options = {}) {
      const { query, entry, headers, ...step } = options;
      // a start that is bent in any way is an attack or a question of its own: the owner's driver knows only the plain one
      if (!can('start_login') || query !== undefined || entry !== undefined || headers !== undefined)
        return http.start(jar, typed, options);
      return ask('start_login', jar, { typed: typedWire(typed) }).then((answer) =>
        sentOn(jar, answer, rp.start.url, step),
      );
    },
    enterRegistration(jar, typed, options = {}) {
      if (!can('register')) return http.enterRegistration(jar, typed, options);
      return ask('register', jar, { step: 'entry', fields: typedWire(typed) }).then((answer) =>
        sentOn(jar, answer, rp.registrationUrl ?? rp.start.url, options),
      );
    },
    async look(jar) {
      if (!can('state')) return http.look(jar);
      const { answer, probe } = await read(jar);
      const page = shown(answer.page) ?? (await http.look(jar)).page;
      return { probe, page };
    },
    async probe(jar, target) {
      return can('state') && (target === undefined || target === rp.session)
        ? (await read(jar)).probe
        : http.probe(jar, target);
    },
    async logout(jar, options = {}) {
      const isPlain = options.query === undefined && options.from === undefined;
      if (!can('logout') || !isPlain) return http.logout(jar, options);
      return {
        trace: shown((await ask('logout', jar)).page) ?? { hops: [], ending: { kind: 'page' } },
        isBlind: false,
      };
    },
  };
}
