import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What somebody types who goes through the pages. */
export interface Typed {
  readonly mobile: string;
  readonly nationalCode: string;
  readonly birth: { readonly year: string; readonly month: string; readonly day: string };
}

export interface Walked {
  /** What came back to the relying party. */
  readonly code: string;
  /** Id of the journey at its beginning and at its end; the same, unless it was lost. */
  readonly began: string;
  readonly ended: string;
  /** How often an answer was lost or refused on the way, and asked for again. */
  readonly retries: number;
}

export interface WalkOptions {
  readonly issuer: string;
  readonly agent: Agent;
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly typed: Typed;
  readonly captcha: string;
  /** Milliseconds that somebody thinks about a page. */
  readonly think: () => number;
  /** Waits before asking again. */
  readonly pause?: () => Promise<void>;
  /** Seconds after which somebody gives up. */
  readonly patience: number;
}

/** As browsers have it. */
const MOST_HOPS = 20;

export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Form = Readonly<Record<string, string>>;

/** One exchange; undefined where there was no answer. */
export function exchange(url: string, agent: Agent | false, form?: Form, headers: Form = {}): Promise<Got | undefined> {
  const body = form && new URLSearchParams(form).toString();
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        timeout: 20_000,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', () => resolve(undefined));
        incoming.on('aborted', () => resolve(undefined));
        incoming.on('end', () => {
          const { statusCode: status = 0, headers: received } = incoming;
          resolve({ status, headers: received, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', () => resolve(undefined));
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.end(body);
  });
}

/** Walks to the end, as a patient person with a browser does: where no page comes, reload. Throws where a journey is lost. */
export async function walk(options: WalkOptions): Promise<Walked> {
  const { issuer, agent, redirectUri, typed, think, pause = () => sleep(200) } = options;
  const deadline = performance.now() + options.patience * 1000;
  const cookies = new Map<string, string>();
  let retries = 0;
  let began = '';
  let place = options.authorizationUrl;
  const seen: string[] = [];

  for (;;) {
    const page = await open(place);
    if (page.left) return { code: codeIn(page.left), began, ended: uidOf(page.url), retries };
    began ||= uidOf(page.url);
    seen.push(page.name);
    if (page.name === 'error') throw new Error(`journey ${began} was lost: ${page.reason}, after ${seen.join(' ')}`);
    await sleep(think());
    const uid = uidOf(page.url);
    // Whatever came of the press, the journey itself knows where it stands.
    place = (await press(page.url, await formFor(page, uid))) ?? `${issuer}/journey/${uid}`;
  }

  async function formFor(page: Page, uid: string): Promise<Form> {
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    switch (page.name) {
      case 'mobile':
        return { csrf, mobile: typed.mobile };
      case 'captcha':
        return { csrf, captcha: options.captcha };
      case 'verification': {
        const { year, month, day } = typed.birth;
        const code = await newestCode(uid);
        return { csrf, code, national_code: typed.nationalCode, birth_year: year, birth_month: month, birth_day: day };
      }
      case 'consent':
        return { csrf, decision: 'grant' };
      default:
        throw new Error(`expected a page of the journey ${uid}, got "${page.name}"`);
    }
  }

  /** Where the answer to a press leads; undefined where there was none. */
  async function press(url: string, form: Form): Promise<string | undefined> {
    const got = await send(url, form);
    if (got && got.status === 303) return new URL(String(got.headers.location), url).href;
    retries += 1;
    await pause();
    return undefined;
  }

  /** Goes there and on until a page stays, asking again where nothing comes. */
  async function open(first: string): Promise<Page> {
    let url = first;
    let last = 'no answer';
    for (let hops = 0; ; hops += 1) {
      if (hops === MOST_HOPS) throw new Error(`journey ${began} was lost: ${first} leads round in circles by ${url}`);
      if (performance.now() > deadline) throw new Error(`journey ${began} was lost: for too long, ${url} gave ${last}`);
      const got = await send(url);
      last = got ? `${got.status} ${got.body.slice(0, 300)}` : 'no answer';
      if (got && [302, 303].includes(got.status)) {
        const next = new URL(String(got.headers.location), url).href;
        if (next.startsWith(redirectUri)) return { url, name: '', reason: '', html: '', left: next };
        url = next;
      } else if (got && got.status < 500) {
        const [, name = '', reason = ''] = /data-page="([^"]*)"(?: data-reason="([^"]*)")?/.exec(got.body) ?? [];
        return { url, name, reason: `${got.status} ${reason}`, html: got.body };
      } else {
        retries += 1;
        hops = 0;
        await pause();
      }
    }
  }

  async function send(url: string, form?: Form): Promise<Got | undefined> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const got = await exchange(url, agent, form, { accept: 'text/html', ...(cookie && { cookie }) });
    for (const line of got?.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';');
      const sign = pair.indexOf('=');
      if (pair.slice(sign + 1) === '') cookies.delete(pair.slice(0, sign));
      else cookies.set(pair.slice(0, sign), pair.slice(sign + 1));
    }
    return got;
  }

  async function newestCode(uid: string): Promise<string> {
    for (;;) {
      const got = await exchange(`${issuer}/_emta/v1/journeys/${uid}`, agent);
      if (got?.status === 200) return String((JSON.parse(got.body) as { code?: string }).code ?? '');
      if (performance.now() > deadline) throw new Error(`journey ${uid} was lost: no code for too long`);
      retries += 1;
      await pause();
    }
  }
}

interface Page {
  readonly url: string;
  readonly name: string;
  readonly reason: string;
  readonly html: string;
  readonly left?: string;
}

function uidOf(url: string): string {
  return /\/(?:journey|oauth\/authorize)\/([\w-]+)/.exec(url)?.[1] ?? '';
}

function codeIn(url: string): string {
  const { searchParams } = new URL(url);
  const code = searchParams.get('code');
  if (!code) throw new Error(`expected a code at the relying party, got ${searchParams}`);
  return code;
}

export function keptAlive(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 256 });
}
