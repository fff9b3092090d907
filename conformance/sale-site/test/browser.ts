import { request } from 'node:http';
import { type CheerioAPI, load } from 'cheerio';

export interface Page {
  readonly status: number;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly $: CheerioAPI;
}

/** A browser with a cookie jar, a history of one page, and no script. */
export interface Browser {
  readonly jar: Map<string, string>;
  /** All addresses of the last walk, redirects included. */
  readonly trail: readonly URL[];
  open(
    address: string | URL,
    init?: {
      readonly method?: string;
      readonly form?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Page>;
  /** One request, no redirect followed. */
  ask(address: string | URL, init?: Parameters<Browser['open']>[1]): Promise<Page>;
}

/** Cookies are kept by host and port, which is stricter than a browser and enough for one site. */
export function createBrowser(): Browser {
  const jar = new Map<string, string>();
  const trail: URL[] = [];

  function ask(address: string | URL, init: Parameters<Browser['open']>[1] = {}): Promise<Page> {
    const url = new URL(address);
    const body = init.form === undefined ? undefined : new URLSearchParams(init.form).toString();
    const cookies = [...jar]
      .filter(([name]) => name.startsWith(`${url.host} `))
      .map(([name, value]) => `${name.split(' ')[1]}=${value}`);
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          agent: false,
          method: init.method ?? (body === undefined ? 'GET' : 'POST'),
          headers: {
            accept: 'text/html',
            'sec-fetch-site': 'same-origin',
            ...(cookies.length === 0 ? {} : { cookie: cookies.join('; ') }),
            ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
            ...init.headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => {
            for (const cookie of response.headers['set-cookie'] ?? []) {
              const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
              if (/max-age=0/i.test(cookie)) jar.delete(`${url.host} ${name}`);
              else jar.set(`${url.host} ${name}`, value);
            }
            resolve({ status: response.statusCode ?? 0, url, headers: response.headers, text, $: load(text) });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async function open(address: string | URL, init?: Parameters<Browser['open']>[1]): Promise<Page> {
    trail.length = 0;
    let page = await ask(address, init);
    trail.push(page.url);
    for (let hops = 0; page.status >= 300 && page.status < 400; hops += 1) {
      if (hops > 12) throw new Error(`expected at most 12 redirects, still going at ${page.url}`);
      page = await ask(new URL(String(page.headers.location), page.url));
      trail.push(page.url);
    }
    return page;
  }

  return { jar, trail, open, ask };
}
