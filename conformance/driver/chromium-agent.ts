import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, CDPSession, Page as Tab } from 'playwright-core';
import { ConformanceError } from '../errors.ts';
import {
  actOn,
  actOnEmptyPage,
  answersAtLast,
  blankPage,
  type PageAct,
  readPage,
  sendPlain,
  unblankPage,
  watchedWindows,
} from './chromium-scripts.ts';
import type { Jar, StoredCookie } from './jar.ts';
import { isMarkup, type Page, parsePage, parseRefresh, resolve } from './page.ts';
import {
  asUtf8,
  type Cause,
  type Ending,
  HOPS_A_STEP,
  type Hop,
  headersOf,
  identity,
  isAllowed,
  joined,
  MILLISECONDS_A_STEP,
  type PlannedRequest,
  redirects,
  type StepOptions,
  secFetchSite,
  send,
  type Trace,
  type UserAgent,
  type UserAgentOptions,
} from './user-agent.ts';

export interface ChromiumAgentOptions extends UserAgentOptions {
  readonly browser: Browser;
  /** Makes the requests that are no navigation: probes, HEAD. */
  readonly http: UserAgent;
  /** Names to be blanked in pictures; longer numbers are blanked without being named. */
  readonly names: () => readonly string[];
  /** Emta's own pages need no script, and are not what is looked at: they are walked without a window. */
  readonly emtaOrigin: string;
}

export interface ChromiumAgent extends UserAgent {
  forget(jars: Iterable<Jar>): Promise<void>;
  close(): Promise<void>;
}

/** Contexts kept open for jars that may come again; a jar whose context was closed keeps its cookies. */
const KEPT_CONTEXTS = 20;
/** How long a page with scripts must do nothing before it is taken for finished. */
const QUIET = 150;
/** How long a scripted link or button may take to do something. */
const REACTION = 500;
/** How long Chromium may take from a press to its first request. */
const LATEST_START = 10_000;
/** Time of this machine for a step, beside what the relying party takes. */
const OWN_TIME = 45_000;

export const chromiumArguments: readonly string[] = [
  // one process and one stream of events for a page and its frames
  '--disable-site-isolation-trials',
  '--disable-features=IsolateOrigins,site-per-process,OptimizationHints,MediaRouter',
  '--renderer-process-limit=6',
  // every request is made by the harness; should one slip past it, it finds nobody but this machine
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1 , EXCLUDE [::1]',
];

interface Paused {
  readonly requestId: string;
  readonly redirectedRequestId?: string;
  readonly resourceType: string;
  readonly frameId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly postDataEntries?: readonly { readonly bytes?: string }[];
  };
}

/** One window of a context, and its channel to Chromium. */
interface View {
  readonly tab: Tab;
  readonly session: CDPSession;
  readonly frame: string;
  isLoading: boolean;
  /** An empty page that the harness puts here instead of asking anybody. */
  empty?: string;
  /** Why the next navigation comes. */
  nextCause?: Cause;
  /** Requests that came while nobody was looking. */
  readonly held: Paused[];
}

/** A step under way. */
interface Running {
  readonly jar: Jar;
  readonly step: StepOptions;
  readonly home: string;
  readonly deadline: number;
  readonly hops: Hop[];
  readonly calls: Hop[];
  readonly pending: Map<string, string>;
  firstCause: Cause;
  initiator: string | undefined;
  chain: string[];
  /** Milliseconds the relying party and Emta took. */
  waited: number;
  touched: number;
  ending?: Ending;
  /** The browser was sent somewhere and has not asked yet. */
  expects: boolean;
  /** Windows that a page has opened and that are not watched yet. */
  opening: number;
  /** The last answer is a page with scripts. */
  isScripted: boolean;
  /** The last answer moves on by itself. */
  isPassing: boolean;
}

/** The windows of one person at one jar; the topmost is the one he looks at. */
interface Seat {
  readonly views: View[];
  running: Running | undefined;
  shown: string | undefined;
}

interface Room {
  readonly context: BrowserContext;
  readonly seats: Seat[];
  /** Cookies as Chromium has them, by name, domain and path. */
  readonly mirror: Map<string, StoredCookie>;
  used: number;
}

const keyOf = ({ name, domain, path }: Pick<StoredCookie, 'name' | 'domain' | 'path'>) =>
  `${name}\n${domain.replace(/^\./, '')}\n${path}`;

const sameSites = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;

const hasScripts = (body: string) => /<script|\son\w+\s*=|javascript:/i.test(body);

const isMessage = (error: unknown, pattern: RegExp): boolean =>
  typeof error === 'object' && error !== null && 'message' in error && pattern.test(String(error.message));

/** A request that Chromium gave up meanwhile, because its page went away. */
const isGone = (error: unknown) =>
  isMessage(error, /Invalid InterceptionId|Invalid state for continueInterceptedRequest|Session closed|Target.*closed/);
/** A page that went away while it was looked at. */
const isMoving = (error: unknown) =>
  isMessage(error, /Execution context was destroyed|navigating|Cannot find context|frame was detached|has been closed/);

const dataOf = ({ postDataEntries = [] }: Paused['request']): Buffer =>
  Buffer.concat(postDataEntries.map(({ bytes = '' }) => Buffer.from(bytes, 'base64')));

const lowered = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function plannedOf({ request }: Paused): PlannedRequest {
  const url = request.url;
  if (request.method !== 'POST') return { method: request.method === 'HEAD' ? 'HEAD' : 'GET', url };
  return { method: 'POST', url, form: [...new URLSearchParams(dataOf(request).toString('utf8'))] };
}

const destinations: Readonly<Record<string, string>> = {
  Script: 'script',
  Stylesheet: 'style',
  Image: 'image',
  Font: 'font',
  Media: 'video',
  Document: 'iframe',
};

const bodyless = new Set([204, 205, 304]);
/** Said by the connection, not of what the page gets. */
const unsaid = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'refresh',
]);

/**
 * Chromium in the place of the HTTP user agent: it draws the pages and runs their scripts, and clicks what is there to
 * click. Every request it wants to make is made by the harness instead, with the same cookies, headers and budgets as
 * without it, so that both drivers see and send the same, and nothing goes anywhere unseen.
 */
export function createChromiumAgent(options: ChromiumAgentOptions): ChromiumAgent {
  const { browser, sites, locale } = options;
  const rooms = new Map<Jar, Room>();
  const opening = new Map<Jar, Promise<Room>>();
  let uses = 0;
  let isClosing = false;

  const openRoom = async (jar: Jar): Promise<Room> => {
    await makeSpace();
    const context = await browser.newContext({
      locale: locale.startsWith('fa') ? 'fa-IR' : locale,
      userAgent: identity(locale)['user-agent'],
      viewport: { width: 800, height: 600 },
      serviceWorkers: 'block',
      acceptDownloads: false,
    });
    context.setDefaultTimeout(OWN_TIME);
    const room: Room = { context, seats: [], mirror: new Map(), used: uses };
    await context.addInitScript(watchedWindows);
    await context.exposeBinding('emtaOpened', async ({ page }, url: unknown) => {
      const seat = room.seats.find(({ views }) => views.some(({ tab }) => tab === page));
      const running = seat?.running;
      if (seat === undefined || running === undefined || typeof url !== 'string') return;
      running.opening += 1;
      try {
        const isNew = (tab: Tab) => !room.seats.some(({ views }) => views.some((view) => view.tab === tab));
        const opened = context.pages().find(isNew) ?? (await context.waitForEvent('page', { predicate: isNew }));
        const view = await watch(room, seat, opened);
        running.expects = true;
        await view.session.send('Page.navigate', { url });
      } finally {
        running.opening -= 1;
        running.touched = performance.now();
      }
    });
    rooms.set(jar, room);
    return room;
  };

  const roomOf = async (jar: Jar): Promise<Room> => {
    const known = rooms.get(jar);
    if (known !== undefined) return known;
    const begun = opening.get(jar);
    if (begun !== undefined) return begun;
    const opened = openRoom(jar).finally(() => opening.delete(jar));
    opening.set(jar, opened);
    return opened;
  };

  const isBusy = (room: Room) => room.seats.some(({ running }) => running !== undefined);

  const makeSpace = async (): Promise<void> => {
    const idle = [...rooms].filter(([, room]) => !isBusy(room)).toSorted(([, a], [, b]) => a.used - b.used);
    for (const [jar, room] of idle.slice(0, Math.max(0, rooms.size - KEPT_CONTEXTS + 1))) {
      rooms.delete(jar);
      await room.context.close();
    }
  };

  const watch = async (room: Room, seat: Seat, tab: Tab): Promise<View> => {
    const session = await room.context.newCDPSession(tab);
    const { frameTree } = await session.send('Page.getFrameTree');
    const view: View = { tab, session, frame: frameTree.frame.id, isLoading: false, held: [] };
    seat.views.push(view);
    tab.on('close', () => {
      if (seat.views.length > 1) seat.views.splice(seat.views.indexOf(view), 1);
      if (seat.running !== undefined) seat.running.touched = performance.now();
    });
    session.on('Page.frameStartedLoading', ({ frameId }) => {
      if (frameId === view.frame) view.isLoading = true;
    });
    session.on('Page.frameStoppedLoading', ({ frameId }) => {
      if (frameId !== view.frame) return;
      view.isLoading = false;
      if (seat.running !== undefined) seat.running.touched = performance.now();
    });
    session.on('Page.frameRequestedNavigation', ({ frameId, reason }) => {
      if (frameId !== view.frame) return;
      view.nextCause = /Refresh/.test(reason) ? 'refresh' : 'script';
      if (seat.running !== undefined) seat.running.touched = performance.now();
    });
    session.on('Fetch.requestPaused', (paused) => {
      answer(room, seat, view, paused).catch((error: unknown) => {
        if (isClosing || isGone(error)) return;
        failure ??= error;
      });
    });
    await session.send('Page.enable');
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    return view;
  };
  /** What went wrong inside an event, where nobody waits for it; the step that sees it throws it. */
  let failure: unknown;

  const refuse = (view: View, { requestId }: Paused, errorReason: 'Aborted' | 'BlockedByClient' | 'ConnectionFailed') =>
    view.session.send('Fetch.failRequest', { requestId, errorReason });

  const fulfil = (
    view: View,
    { requestId }: Paused,
    status: number,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ) =>
    view.session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: status,
      responseHeaders: Object.entries(headers).flatMap(([name, value]) => (unsaid.has(name) ? [] : [{ name, value }])),
      body: Buffer.from(body).toString('base64'),
    });

  /** Cookies that scripts set or took away since Chromium was last told of the jar. */
  const pullCookies = async (jar: Jar, room: Room): Promise<void> => {
    const there = new Map((await room.context.cookies()).map((cookie) => [keyOf(cookie), cookie]));
    for (const [key, cookie] of there) {
      if (room.mirror.get(key)?.value === cookie.value || cookie.httpOnly) continue;
      const stored: StoredCookie = {
        name: cookie.name,
        value: cookie.value,
        domain: cookie.domain.replace(/^\./, ''),
        path: cookie.path,
        httpOnly: false,
        secure: cookie.secure,
        sameSite: cookie.sameSite === 'Strict' ? 'strict' : cookie.sameSite === 'None' ? 'none' : 'lax',
        hostOnly: !cookie.domain.startsWith('.'),
      };
      await jar.put(stored);
      room.mirror.set(key, stored);
    }
    for (const [key, cookie] of room.mirror) {
      if (there.has(key) || cookie.httpOnly) continue;
      await jar.drop(cookie);
      room.mirror.delete(key);
    }
  };

  /** Tells Chromium what is in the jar now. */
  const pushCookies = async (jar: Jar, room: Room, url: string): Promise<void> => {
    // asking for them is what makes a jar forget the expired ones
    await jar.cookiesAt(url);
    const wanted = new Map((await jar.all()).map((cookie) => [keyOf(cookie), cookie]));
    for (const [key, cookie] of room.mirror) {
      if (wanted.has(key)) continue;
      await room.context.clearCookies({ name: cookie.name, path: cookie.path, domain: domainOf(cookie) });
      room.mirror.delete(key);
    }
    const fresh = [...wanted].filter(([key, cookie]) => room.mirror.get(key)?.value !== cookie.value);
    for (const [key, cookie] of fresh) {
      try {
        await room.context.addCookies([
          {
            name: cookie.name,
            value: cookie.value,
            domain: domainOf(cookie),
            path: cookie.path,
            httpOnly: cookie.httpOnly,
            secure: cookie.secure,
            ...(cookie.sameSite === 'unset' ? {} : { sameSite: sameSites[cookie.sameSite] }),
          },
        ]);
        room.mirror.set(key, cookie);
      } catch (error) {
        // Chromium keeps no cookie that breaks its rules; then no script sees it either
        if (!isMessage(error, /Invalid cookie|Protocol error \(Storage\.setCookies\)/)) throw error;
      }
    }
  };

  /** One request of a page, made by the harness. */
  const ask = async (
    room: Room,
    running: Running,
    view: View,
    paused: Paused,
    headers: Record<string, string>,
    cookies: Awaited<ReturnType<Jar['headerFor']>>,
    cause: Cause,
  ): Promise<{ readonly hop: Hop; readonly bytes: Uint8Array } | undefined> => {
    const { url, method } = paused.request;
    const body = dataOf(paused.request);
    if (cookies.header !== '') headers.cookie = cookies.header;
    if (body.length > 0 || method === 'POST') headers['content-length'] = String(body.length);
    if (method === 'POST') headers['content-type'] ??= 'application/x-www-form-urlencoded';
    const started = performance.now();
    const within = (running.step.milliseconds ?? MILLISECONDS_A_STEP) - running.waited;
    const sent = await send({ method, url }, headers, body, within, options.ca);
    const milliseconds = Math.round(performance.now() - started);
    running.waited += milliseconds;
    running.touched = performance.now();
    const asked = {
      method,
      url,
      cause,
      requestHeaders: headers,
      requestBody: body.toString('utf8'),
      sentCookies: cookies.names,
      milliseconds,
    };
    const list = cause === 'fetch' ? running.calls : running.hops;
    if (sent.kind !== 'answer') {
      list.push({ ...asked, status: 0, statusText: sent.kind, headers: {}, setCookies: [], body: '' });
      if (cause !== 'fetch' || sent.kind === 'silence') {
        running.ending ??=
          sent.kind === 'silence'
            ? { kind: 'silence', url, milliseconds }
            : { kind: 'broken', url, code: sent.code, message: sent.message };
      }
      await refuse(view, paused, 'ConnectionFailed');
      return undefined;
    }
    const { bytes, ...told } = sent.answer;
    const hop = { ...asked, ...told };
    list.push(hop);
    if (told.setCookies.length > 0) {
      await running.jar.store(url, told.setCookies, options.now());
      await pushCookies(running.jar, room, url);
    }
    return { hop, bytes };
  };

  const isSameSite = (initiator: string | undefined, url: string) =>
    initiator === undefined || sites.siteOf(initiator) === sites.siteOf(url);

  /** A page of its own: the next hop. */
  const navigate = async (room: Room, running: Running, view: View, paused: Paused): Promise<void> => {
    running.expects = false;
    const planned = plannedOf(paused);
    const isRedirect = paused.redirectedRequestId !== undefined;
    const last = running.hops.at(-1);
    const cause: Cause = isRedirect
      ? 'redirect'
      : last === undefined
        ? running.firstCause
        : (view.nextCause ?? 'script');
    if (!isRedirect && last !== undefined) {
      running.initiator = last.url;
      running.chain = [];
    }
    const end = (ending: Ending) => {
      running.ending ??= ending;
      return refuse(view, paused, 'Aborted');
    };
    if (running.step.holdBefore?.(planned) === true)
      return void (await end({ kind: 'held', next: planned, cause, from: running.initiator }));
    if (!isAllowed(options.hosts, planned.url))
      return void (await end({ kind: 'off-limits', url: planned.url, cause }));
    if (running.hops.length >= (running.step.hops ?? HOPS_A_STEP))
      return void (await end({ kind: 'loop', next: planned.url }));
    running.chain.push(planned.url);
    if (running.isScripted) await pullCookies(running.jar, room);
    const { initiator, chain, home } = running;
    const given = lowered(paused.request.headers);
    const headers = headersOf(options, planned, { cause, initiator, chain, policy: '', home }, running.step);
    // the page's own word on what it tells of itself outranks the rule
    delete headers.referer;
    if (given.referer !== undefined && initiator !== undefined) headers.referer = given.referer;
    if (given['content-type'] !== undefined) headers['content-type'] = given['content-type'];
    const cookies = await running.jar.headerFor(planned.url, {
      sameSite: isSameSite(initiator, planned.url),
      method: planned.method,
      now: options.now(),
    });
    const got = await ask(room, running, view, paused, headers, cookies, cause);
    if (got === undefined) return;
    const { hop, bytes } = got;
    const location = redirects.has(hop.status) ? hop.headers.location : undefined;
    const target = location === undefined ? undefined : resolve(asUtf8(location), hop.url);
    if (target !== undefined) {
      if (!/^https?:/.test(target)) return void (await end({ kind: 'off-limits', url: target, cause: 'redirect' }));
      return void (await fulfil(view, paused, hop.status, { ...hop.headers, location: target }, new Uint8Array()));
    }
    const contentType = hop.headers['content-type'] ?? '';
    const markup = isMarkup(contentType, hop.body);
    const page = parsePage({ url: hop.url, status: hop.status, contentType, body: hop.body });
    const byHeader =
      hop.headers.refresh === undefined ? undefined : parseRefresh(hop.headers.refresh, hop.url, hop.url);
    running.isScripted = markup && hasScripts(hop.body);
    running.isPassing = (byHeader ?? page.refresh)?.seconds === 0;
    // what a browser would save, or draw as an error of its own, stays an empty page
    const isShown = markup || /^(?:text\/(?:plain|css|javascript)|application\/(?:[\w.+-]*json))/.test(contentType);
    const status = bodyless.has(hop.status) || redirects.has(hop.status) ? 200 : hop.status;
    const { 'content-disposition': _, ...kept } = hop.headers;
    await fulfil(
      view,
      paused,
      status,
      { ...kept, 'content-type': markup ? contentType || 'text/html' : 'text/plain; charset=utf-8', ...refreshed(hop) },
      isShown && bytes.length > 0 ? bytes : Buffer.from(' '),
    );
  };

  const refreshed = ({ headers, url }: Hop): Readonly<Record<string, string>> => {
    const parsed = headers.refresh === undefined ? undefined : parseRefresh(headers.refresh, url, url);
    return parsed === undefined ? {} : { Refresh: `${parsed.seconds}; url=${parsed.url}` };
  };

  /** What a page asks for beside itself: a script's call, a picture, a frame. */
  const call = async (room: Room, running: Running, view: View, paused: Paused): Promise<void> => {
    const { url, headers: raw, method } = paused.request;
    if (!isAllowed(options.hosts, url)) return void (await refuse(view, paused, 'BlockedByClient'));
    const given = lowered(raw);
    const isData = paused.resourceType === 'XHR' || paused.resourceType === 'Fetch';
    const page = running.hops.at(-1)?.url ?? view.tab.url();
    const from = /^https?:/.test(page) ? page : undefined;
    if (running.isScripted) await pullCookies(running.jar, room);
    const { cookie, ...rest } = given;
    const headers: Record<string, string> = {
      ...rest,
      ...identity(locale),
      host: new URL(url).host,
      'sec-fetch-site': secFetchSite(sites, from, [url]),
      'sec-fetch-mode': isData ? 'cors' : paused.resourceType === 'Document' ? 'navigate' : 'no-cors',
      'sec-fetch-dest': isData ? 'empty' : (destinations[paused.resourceType] ?? 'empty'),
    };
    // no cookie from Chromium: the script asked without credentials, or there is none
    const cookies =
      cookie === undefined
        ? { header: '', names: [] }
        : await running.jar.headerFor(url, { sameSite: isSameSite(from, url), method, now: options.now() });
    const got = await ask(room, running, view, paused, headers, cookies, 'fetch');
    if (got === undefined) return;
    const { hop, bytes } = got;
    // only what scripts ask for tells anything; a style sheet does not
    if (!isData && paused.resourceType !== 'Document') running.calls.splice(running.calls.indexOf(hop), 1);
    await fulfil(view, paused, hop.status, hop.headers, bytes);
  };

  const answer = async (room: Room, seat: Seat, view: View, paused: Paused): Promise<void> => {
    const { running } = seat;
    const { url } = paused.request;
    const isPage = paused.resourceType === 'Document' && paused.frameId === view.frame;
    if (isPage && view.empty !== undefined && view.empty === url) {
      delete view.empty;
      const blank = '<!doctype html><title></title><body></body>';
      return void (await fulfil(view, paused, 200, { 'content-type': 'text/html' }, Buffer.from(blank)));
    }
    if (/\/favicon\.ico$/.test(url) && paused.resourceType === 'Other')
      return void (await fulfil(view, paused, 204, {}, new Uint8Array()));
    if (running === undefined || running.ending !== undefined) {
      // between two steps time stands still: no page moves, and what its scripts ask for waits
      if (isPage) await refuse(view, paused, 'Aborted');
      else view.held.push(paused);
      return;
    }
    running.pending.set(paused.requestId, url);
    try {
      if (isPage) await navigate(room, running, view, paused);
      else await call(room, running, view, paused);
    } finally {
      running.pending.delete(paused.requestId);
      running.touched = performance.now();
    }
  };

  const topOf = (seat: Seat): View => {
    const view = seat.views.at(-1);
    if (view === undefined) throw new ConformanceError('harness_defect', 'a browser without a window');
    return view;
  };

  const seatIn = async (room: Room, from: string | undefined): Promise<Seat> => {
    const free = room.seats.filter(({ running }) => running === undefined);
    const known = free.find(({ shown }) => from !== undefined && shown === from) ?? free[0];
    if (known !== undefined) return known;
    const seat: Seat = { views: [], running: undefined, shown: undefined };
    room.seats.push(seat);
    return seat;
  };

  const run = async (view: View, script: string): Promise<unknown> => {
    const patience = new AbortController();
    try {
      return await Promise.race([
        view.tab.evaluate(script),
        sleep(10_000, undefined, { signal: patience.signal }).then(() => {
          throw new Error('the page did not answer: Execution context was destroyed');
        }),
      ]);
    } finally {
      patience.abort();
    }
  };

  const quietOf = (running: Running): number => {
    const at = running.hops.at(-1)?.url;
    if (at === undefined) return REACTION;
    return running.isScripted ? QUIET : 0;
  };

  const isDone = (seat: Seat, { pending, expects, opening, touched }: Running): boolean => {
    // what a page's own policy forbids is never asked for
    const isExpecting = expects && performance.now() - touched < LATEST_START;
    return pending.size === 0 && !isExpecting && opening === 0 && !topOf(seat).isLoading;
  };

  /** Waits until the page stays, or the step has come to another end. */
  const settle = async (seat: Seat, running: Running): Promise<void> => {
    for (;;) {
      if (failure !== undefined) {
        const error = failure;
        failure = undefined;
        throw error;
      }
      if (running.ending !== undefined) return;
      const now = performance.now();
      if (now > running.deadline) {
        const [url = running.hops.at(-1)?.url ?? running.home] = [...running.pending.values()];
        running.ending = { kind: 'silence', url, milliseconds: Math.round(running.waited) };
        return;
      }
      const isStill = isDone(seat, running) && !running.isPassing;
      if (isStill && now - running.touched >= quietOf(running)) {
        const { touched } = running;
        // a busy machine is late with telling; a page that answers has told all it did before
        if (running.isScripted || running.hops.length === 0) {
          await run(topOf(seat), answersAtLast).catch((error: unknown) => {
            ifMoving(error);
            running.touched = performance.now();
          });
        }
        if (touched === running.touched && isDone(seat, running)) return;
      }
      await sleep(10);
    }
  };

  /** Puts the browser on its way; answers whether the page's own form could be sent once more without script. */
  const setOut = async (room: Room, seat: Seat, running: Running, first: PlannedRequest): Promise<boolean> => {
    const { step } = running;
    // who types an address does it in the window he began with
    if (step.from === undefined) for (const { tab } of seat.views.slice(1)) await tab.close();
    const view = topOf(seat);
    const fields = first.form ?? (step.cause === 'form' ? [...new URL(first.url).searchParams] : []);
    const act: PageAct = {
      kind: first.method === 'POST' || step.cause === 'form' ? 'form' : 'link',
      method: first.method === 'POST' ? 'POST' : 'GET',
      url: first.url,
      fields,
    };
    if (step.from !== undefined && seat.shown === step.from) {
      for (const paused of view.held.splice(0)) await answer(room, seat, view, paused).catch(ifGone);
      running.expects = true;
      // a page that went away while it was asked is on its way too
      const done = (await run(view, actOn(act)).catch(ifMoving)) ?? 'sent';
      if (done !== 'sent') running.expects = false;
      if (done !== 'none') return done === 'plain';
    }
    for (const paused of view.held.splice(0)) await refuse(view, paused, 'Aborted').catch(ifGone);
    if (step.from === undefined && first.method === 'GET') {
      running.expects = true;
      await view.session.send('Page.navigate', { url: first.url });
      return false;
    }
    const empty = step.from ?? `${new URL(first.url).origin}/`;
    view.empty = bare(empty);
    await view.tab.goto(empty, { waitUntil: 'commit' });
    running.expects = true;
    await run(view, actOnEmptyPage({ ...act, kind: first.method === 'POST' ? 'form' : 'link' })).catch(ifMoving);
    return false;
  };

  const bare = (url: string): string => url.split('#', 1)[0] ?? url;
  const ifGone = (error: unknown) => {
    if (!isGone(error)) throw error;
  };
  const ifMoving = (error: unknown): undefined => {
    if (!isMoving(error)) throw error;
    return undefined;
  };

  /** The page as the person sees it: drawn by its scripts where it has any, else as it came. */
  const pageOf = async (seat: Seat, running: Running): Promise<Page> => {
    const last = running.hops.findLast(({ status }) => status !== 0);
    const view = topOf(seat);
    const address = bare(view.tab.url());
    const contentType = last?.headers['content-type'] ?? 'text/html';
    if (last !== undefined && !running.isScripted) {
      const page = parsePage({ url: last.url, status: last.status, contentType, body: last.body });
      const { refresh } = last.headers;
      const byHeader = refresh === undefined ? undefined : parseRefresh(refresh, last.url, last.url);
      return byHeader === undefined ? page : Object.assign(page, { refresh: byHeader });
    }
    const drawn = await run(view, readPage);
    const { url, html } = drawnOf(drawn, address);
    return parsePage({
      url: bare(url),
      status: last?.status ?? 200,
      contentType: contentType || 'text/html',
      body: html,
    });
  };

  const pictureOf = async (view: View): Promise<string> => {
    await run(view, blankPage(options.names()));
    try {
      const picture = await view.tab.screenshot({ type: 'jpeg', quality: 45, animations: 'disabled' });
      return picture.toString('base64');
    } finally {
      await run(view, unblankPage);
    }
  };

  const visitInWindow = async (jar: Jar, first: PlannedRequest, step: StepOptions): Promise<Trace> => {
    if (step.holdBefore?.(first) === true) return { hops: [], ending: { kind: 'held', next: first } };
    const firstCause = step.cause ?? (step.from === undefined ? 'typed' : first.method === 'POST' ? 'form' : 'link');
    if (!isAllowed(options.hosts, first.url))
      return { hops: [], ending: { kind: 'off-limits', url: first.url, cause: firstCause } };
    const room = await roomOf(jar);
    uses += 1;
    room.used = uses;
    const seat = await seatIn(room, step.from);
    const running: Running = {
      jar,
      step,
      home: new URL(first.url).origin,
      deadline: performance.now() + (step.milliseconds ?? MILLISECONDS_A_STEP) + OWN_TIME,
      hops: [],
      calls: [],
      pending: new Map(),
      firstCause,
      initiator: step.from,
      chain: [],
      waited: 0,
      touched: performance.now(),
      expects: false,
      opening: 0,
      isScripted: false,
      isPassing: false,
    };
    seat.running = running;
    try {
      if (seat.views.length === 0) await watch(room, seat, await room.context.newPage());
      await pushCookies(jar, room, first.url);
      const isPlain = await setOut(room, seat, running, first);
      running.touched = performance.now();
      await settle(seat, running);
      if (isPlain && running.ending === undefined && running.hops.length === 0 && running.calls.length === 0) {
        running.expects = true;
        await run(topOf(seat), sendPlain).catch(ifMoving);
        running.touched = performance.now();
        await settle(seat, running);
      }
      if (running.isScripted || running.calls.length > 0) await pullCookies(jar, room);
      const { hops, calls, ending = { kind: 'page' } } = running;
      const told = { hops, ...(calls.length === 0 ? {} : { calls }) };
      if (ending.kind !== 'page') {
        seat.shown = undefined;
        return { ...told, ending };
      }
      const page = await pageOf(seat, running).catch(ifMoving);
      seat.shown = page?.url;
      // a page whose scripts never pause cannot be read, by a person either
      if (page === undefined)
        return {
          ...told,
          ending: { kind: 'silence', url: hops.at(-1)?.url ?? first.url, milliseconds: running.waited },
        };
      return { ...told, ending, page, ...(step.isGlance !== true ? { picture: await pictureOf(topOf(seat)) } : {}) };
    } finally {
      seat.running = undefined;
    }
  };

  const asFaultOfSetUp = (error: unknown): never => {
    if (isClosing || browser.isConnected()) throw error;
    throw new ConformanceError('driver_failed', 'expected Chromium to keep running, got its end', { cause: error });
  };

  /** From door to door: at the relying party in a window, at Emta without one. */
  const visit = async (jar: Jar, first: PlannedRequest, step: StepOptions = {}): Promise<Trace> => {
    if (step.asFetch === true || first.method === 'HEAD') return options.http.visit(jar, first, step);
    const isEmta = ({ url }: PlannedRequest) => new URL(url).origin === options.emtaOrigin;
    let trace: Trace | undefined;
    let next = first;
    let part = step;
    for (;;) {
      const atEmta = isEmta(next);
      const isHeld = (one: PlannedRequest) => step.holdBefore?.(one) === true;
      const holdBefore = (one: PlannedRequest) => isHeld(one) || isEmta(one) !== atEmta;
      const went: Trace = atEmta
        ? await options.http.visit(jar, next, { ...part, holdBefore })
        : await visitInWindow(jar, next, { ...part, holdBefore }).catch(asFaultOfSetUp);
      trace = trace === undefined ? went : joined(trace, went);
      const { ending } = went;
      if (ending.kind !== 'held' || isHeld(ending.next)) return trace;
      next = ending.next;
      const { from: _, ...kept } = step;
      part = {
        ...kept,
        hops: (step.hops ?? HOPS_A_STEP) - trace.hops.length,
        ...(ending.cause === undefined ? {} : { cause: ending.cause }),
        ...(ending.from === undefined ? {} : { from: ending.from }),
      };
    }
  };

  return {
    visit,
    async forget(jars) {
      for (const jar of jars) {
        const room = rooms.get(jar);
        if (room === undefined || isBusy(room)) continue;
        rooms.delete(jar);
        await room.context.close();
      }
    },
    async close() {
      isClosing = true;
      await browser.close();
    },
  };
}

const domainOf = ({ domain, hostOnly }: StoredCookie) => (hostOnly ? domain : `.${domain.replace(/^\./, '')}`);

function drawnOf(drawn: unknown, address: string): { readonly url: string; readonly html: string } {
  const isDrawn = typeof drawn === 'object' && drawn !== null && 'url' in drawn && 'html' in drawn;
  return isDrawn ? { url: String(drawn.url), html: String(drawn.html) } : { url: address, html: '' };
}
