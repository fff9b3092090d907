import { type IncomingMessage, request } from 'node:http';
import { type CheerioAPI, load } from 'cheerio';
import { CookieJar } from 'tough-cookie';

/** One answer, as it came. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Form = Readonly<Record<string, string>>;

/** What stands on the screen once the browser comes to rest. */
export interface Screen {
  readonly url: string;
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly html: string;
  readonly $: CheerioAPI;
  /** `data-page` and `data-reason` of the body. */
  readonly page: string;
  readonly reason: string;
  /** Where the browser was sent when that is not Emta; nothing there was asked for. */
  readonly left?: URL;
  /** Names of the cookies set or deleted on the way, in order. */
  readonly cookiesSet: readonly string[];
}

/** A user agent with its own cookies: `node:http`, because `fetch` writes over the headers that browsers send. */
export interface Browser {
  readonly issuer: string;
  /** One request, redirects not followed. */
  send(path: string, form?: Form, headers?: Form): Promise<Answer>;
  /** The cookies that it would send there. */
  cookiesFor(path: string): Promise<string>;
  /** Goes there and on, until a page stays on the screen or the way leads off Emta. */
  open(path: string, form?: Form): Promise<Screen>;
  /** Presses the button with this test id, with what was typed into the fields of its form. */
  press(screen: Screen, testid: string, typed?: Form): Promise<Screen>;
  /** The request that the button with this test id would make. */
  formOf(screen: Screen, testid: string, typed?: Form): { readonly path: string; readonly form: Form };
}

const HOPS = 8;
const REDIRECTS = new Set([301, 302, 303, 307]);

export function createBrowser(issuer: string): Browser {
  const jar = new CookieJar();
  const { origin } = new URL(issuer);

  const browser: Browser = {
    issuer,
    async send(path, form, headers = {}) {
      const url = new URL(path, issuer).href;
      const cookie = await jar.getCookieString(url);
      const answer = await exchange(url, form, {
        Accept: 'text/html,application/xhtml+xml',
        'Accept-Language': 'fa-IR,fa;q=0.9',
        'Sec-Fetch-Dest': 'document',
        'Sec-Fetch-Mode': 'navigate',
        ...(cookie && { Cookie: cookie }),
        ...headers,
      });
      for (const line of answer.headers['set-cookie'] ?? []) await jar.setCookie(line, url);
      return answer;
    },

    cookiesFor: (path) => jar.getCookieString(new URL(path, issuer).href),

    async open(path, form) {
      const cookiesSet: string[] = [];
      let answer = await browser.send(path, form);
      for (let hop = 0; hop < HOPS; hop += 1) {
        cookiesSet.push(...(answer.headers['set-cookie'] ?? []).map((line) => line.split('=')[0] ?? ''));
        const { location } = answer.headers;
        if (!REDIRECTS.has(answer.status) || location === undefined) return screenOf(answer, cookiesSet);
        const next = new URL(location, answer.url);
        if (next.origin !== origin) return { ...screenOf(answer, cookiesSet), left: next };
        answer = await browser.send(next.href);
      }
      throw new Error(`expected at most ${HOPS} redirects from ${path}`);
    },

    formOf({ $, url, status }, testid, typed = {}) {
      const button = $(`[data-testid="${testid}"]`);
      const owner = button.attr('form');
      const form = owner ? $(`form#${owner}`) : button.closest('form');
      if (button.length !== 1 || form.length !== 1) {
        throw new Error(`expected one button "${testid}" within a form on ${url} (${status}), got ${button.length}`);
      }
      const fields = new Map<string, string>();
      form.find('input[name]:not([type="checkbox"]:not([checked])), select[name], textarea[name]').each((_, field) => {
        fields.set($(field).attr('name') ?? '', String($(field).val() ?? ''));
      });
      const name = button.attr('name');
      if (name) fields.set(name, button.attr('value') ?? '');
      for (const [field, value] of Object.entries(typed)) {
        if (!fields.has(field)) throw new Error(`expected a field "${field}" beside "${testid}" on ${url}, got none`);
        fields.set(field, value);
      }
      const action = button.attr('formaction') ?? form.attr('action') ?? '';
      return { path: new URL(action, url).href, form: Object.fromEntries(fields) };
    },

    async press(screen, testid, typed) {
      const { path, form } = browser.formOf(screen, testid, typed);
      return browser.open(path, form);
    },
  };
  return browser;
}

function screenOf(answer: Answer, cookiesSet: readonly string[]): Screen {
  const html = answer.body.toString('utf8');
  const $ = load(html);
  return {
    url: answer.url,
    status: answer.status,
    headers: answer.headers,
    html,
    $,
    page: $('body').attr('data-page') ?? '',
    reason: $('body').attr('data-reason') ?? '',
    cookiesSet,
  };
}

/** One exchange over a connection of its own. */
export function exchange(url: string, form: Form | undefined, headers: Form): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent: false,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }), ...headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({ url, status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
