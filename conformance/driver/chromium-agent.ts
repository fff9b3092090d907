import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page as Tab } from 'playwright-core';
import { ConformanceError } from '../errors.ts';
import { pullCookies, pushCookies } from './chromium-cookies.ts';
import { createRequester } from './chromium-requests.ts';
import { isGone, isMoving, type Room, type Running, type Seat, type View } from './chromium-room.ts';
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
import type { Jar } from './jar.ts';
import { type Page, parsePage } from './page.ts';
import {
  HOPS_A_STEP,
  identity,
  isAllowed,
  joined,
  MILLISECONDS_A_STEP,
  type PlannedRequest,
  type StepOptions,
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

/**
 * Chromium in the place of the HTTP user agent: it draws the pages and runs their scripts, and clicks what is there to
 * click. Every request it wants to make is made by the harness instead, with the same cookies, headers and budgets as
 * without it, so that both drivers see and send the same, and nothing goes anywhere unseen.
 */
export function createChromiumAgent(options: ChromiumAgentOptions): ChromiumAgent {
  const { browser, locale } = options;
  const requester = createRequester(options);
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
    const room: Room = { context, seats: [], mirror: new Map(), used: uses, guests: 0 };
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

  const isBusy = ({ guests }: Room) => guests > 0;

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
      requester.answer(room, seat, view, paused).catch((error: unknown) => {
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
      for (const paused of view.held.splice(0)) await requester.answer(room, seat, view, paused).catch(ifGone);
      running.expects = true;
      // a page that went away while it was asked is on its way too
      const done = (await run(view, actOn(act)).catch(ifMoving)) ?? 'sent';
      if (done !== 'sent') running.expects = false;
      if (done !== 'none') return done === 'plain';
    }
    for (const paused of view.held.splice(0)) await requester.refuse(view, paused).catch(ifGone);
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
      const { refresh } = last.headers;
      return parsePage({ url: last.url, status: last.status, contentType, body: last.body, refresh });
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
    room.guests += 1;
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
      room.guests -= 1;
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

function drawnOf(drawn: unknown, address: string): { readonly url: string; readonly html: string } {
  const isDrawn = typeof drawn === 'object' && drawn !== null && 'url' in drawn && 'html' in drawn;
  return isDrawn ? { url: String(drawn.url), html: String(drawn.html) } : { url: address, html: '' };
}
