import { pullCookies, pushCookies } from './chromium-cookies.ts';
import type { Paused, Room, Running, Seat, View } from './chromium-room.ts';
import type { Jar } from './jar.ts';
import { isMarkup, parsePage, parseRefresh, resolve } from './page.ts';
import {
  asUtf8,
  type Cause,
  type Ending,
  HOPS_A_STEP,
  type Hop,
  headersOf,
  identity,
  isAllowed,
  MILLISECONDS_A_STEP,
  type PlannedRequest,
  redirects,
  secFetchSite,
  send,
  type UserAgentOptions,
} from './user-agent.ts';

const hasScripts = (body: string) => /<script|\son\w+\s*=|javascript:/i.test(body);

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

/** Makes, in Chromium's place, what it wants to ask for. */
export interface Requester {
  answer(room: Room, seat: Seat, view: View, paused: Paused): Promise<void>;
  refuse(view: View, paused: Paused): Promise<void>;
}

export function createRequester(options: UserAgentOptions): Requester {
  const { sites, locale } = options;

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
    delete view.nextCause;
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
    const { refresh } = hop.headers;
    const page = parsePage({ url: hop.url, status: hop.status, contentType, body: hop.body, refresh });
    running.isScripted = markup && hasScripts(hop.body);
    running.isPassing = page.refresh?.seconds === 0;
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

  return { answer, refuse: async (view, paused) => void (await refuse(view, paused, 'Aborted')) };
}
