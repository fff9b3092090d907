// A driver of the site's own, as `"driver": { "command": ["node", "driver.mjs"] }` names it: it answers every message of
// conformance/driver/protocol.schema.json, one JSON object a line. Nothing but JSON goes to standard output.
import { request } from 'node:http';
import { createInterface } from 'node:readline';

/** What `hello` told: the addresses of the site and of Emta. */
let site;
let issuer;

/** A browser with the cookies of a message; `all` is what it holds in the end. */
function openBrowser(cookies) {
  const all = new Map(cookies.map((cookie) => [`${cookie.name} ${cookie.domain} ${cookie.path}`, cookie]));

  function cookieHeader({ hostname, pathname }) {
    const fitting = [...all.values()].filter(({ domain, path }) => domain === hostname && pathname.startsWith(path));
    return fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  function keep(line, { hostname }) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const has = (name) => attributes.some((one) => one.toLowerCase() === name);
    const of = (name) => attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      domain: hostname,
      path: of('path') ?? '/',
      http_only: has('httponly'),
      secure: has('secure'),
      same_site: of('samesite')?.toLowerCase() ?? 'unset',
      host_only: true,
    };
    const key = `${cookie.name} ${cookie.domain} ${cookie.path}`;
    const isOver =
      of('max-age') === '0' || Date.parse(of('expires') ?? '') < performance.timeOrigin + performance.now();
    if (isOver) all.delete(key);
    else all.set(key, cookie);
  }

  function ask(url, form) {
    const body = form === undefined ? '' : new URLSearchParams(form).toString();
    const headers = {
      accept: 'text/html',
      cookie: cookieHeader(url),
      ...(form && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        origin: url.origin,
      }),
    };
    return new Promise((settle, fail) => {
      const asked = request(url, { method: form ? 'POST' : 'GET', headers, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (more) => {
          text += more;
        });
        answer.on('end', () => {
          for (const line of answer.headers['set-cookie'] ?? []) keep(line, url);
          settle({ url: url.href, status: answer.statusCode, html: text, location: answer.headers.location });
        });
      });
      asked.on('error', fail);
      asked.end(body);
    });
  }

  /** Follows redirects until a page stays, or until one leaves the site. */
  async function go(path, form) {
    let url = new URL(path, site.start_url);
    let answer = await ask(url, form);
    for (let hops = 0; answer.location !== undefined && hops < 12; hops += 1) {
      url = new URL(answer.location, url);
      if (url.origin !== new URL(site.start_url).origin) return { left: url.href };
      answer = await ask(url);
    }
    const { location: _, ...page } = answer;
    return { page };
  }

  return { go, cookies: () => [...all.values()] };
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]);
const attribute = (tag, name) => plain(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/** What the form of a page would send as it stands, and the values that each of its choices knows. */
function readForm(html) {
  const values = {};
  const choices = {};
  for (const [tag] of html.matchAll(/<input\s[^>]*>/g)) {
    const isSent = attribute(tag, 'name') !== '' && !/type="(?:submit|checkbox|radio)"/.test(tag);
    if (isSent) values[attribute(tag, 'name')] = attribute(tag, 'value');
  }
  for (const [, name, inside] of html.matchAll(/<select\s[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g)) {
    const options = [...inside.matchAll(/<option\s[^>]*>/g)];
    choices[name] = options.map(([option]) => attribute(option, 'value'));
    values[name] = attribute(options.find(([option]) => /\sselected/.test(option))?.[0] ?? '', 'value');
  }
  return { values, choices };
}

/** The names of the protocol that this site's form calls otherwise. */
const ownNames = { birthdate_jalali: 'birth_date', phone_number: 'mobile' };

async function sendPersonalData(browser, fields) {
  const { page } = await browser.go('/registration');
  const { values, choices } = readForm(page?.html ?? '');
  for (const [name, value] of Object.entries(fields)) {
    const own = ownNames[name] ?? name;
    const known = choices[own]?.filter((choice) => choice !== '');
    values[own] = value !== '' && known?.includes(value) === false ? known[0] : value;
  }
  values.password_repeat = fields.password ?? '';
  return browser.go('/registration', values);
}

const sentTo = ({ left, page }, from) => (left === undefined ? { page } : { authorization_url: left, from });

const acts = {
  async start_login(browser, { typed }) {
    const form = { national_code: typed.national_code, mobile: typed.mobile };
    return sentTo(await browser.go('/emta/start', form), site.start_url);
  },

  async state(browser) {
    const { page } = await browser.go('/api/me');
    if (page?.status !== 200) return { signed_in: false };
    return { signed_in: true, account: String(JSON.parse(page.html).id) };
  },

  logout: (browser) => browser.go('/signout', {}),

  async register(browser, { step, fields }) {
    if (step === 'entry') return sentTo(await browser.go('/emta/start', { national_code: '' }), site.registration_url);
    if (step === 'personal_data') return sendPersonalData(browser, fields);
    if (step === 'validation_code') return browser.go('/registration/code', { code: fields.code ?? '' });
    return browser.go('/registration/confirm', { captcha: fields.captcha ?? '' });
  },

  /** The site sends its messages through Emta's outbox; a site with a gateway of its own would be asked here. */
  async validation_code(_browser, { mobile }) {
    const answer = await fetch(`${issuer}/_emta/v1/messages?mobile=${encodeURIComponent(mobile)}`);
    if (!answer.ok) return { code: null };
    const { messages } = await answer.json();
    const text = messages.filter(({ from }) => from !== 'emta').at(-1)?.text ?? '';
    return { code: /(?<![0-9])[0-9]{4,8}(?![0-9])/.exec(text)?.[0] ?? null };
  },

  /** What only the site knows: it tells its drivers where `SALE_SITE_DRIVER_HOOKS` is set. */
  async captcha(browser) {
    const { page } = await browser.go('/_driver/captcha');
    return { captcha: page?.status === 200 ? JSON.parse(page.html).captcha : null };
  },

  sign_in: (browser, { national_code, password }) => browser.go('/signin', { national_code, password }),
};

async function answerTo({ id, message, jar, ...members }) {
  if (message === 'hello') {
    ({ relying_party: site, issuer } = members);
    return { id, protocol: 1, name: 'driver of the sale site', messages: Object.keys(acts) };
  }
  if (message === 'stop') return { id };
  try {
    const browser = openBrowser(jar.cookies);
    const told = await acts[message](browser, members);
    return { id, ...told, cookies: browser.cookies() };
  } catch (error) {
    return { id, error: `${message}: ${error.message}` };
  }
}

// Messages are answered as they are done, not in their order: two browsers do not wait for each other.
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const answer = answerTo(message).then((told) => process.stdout.write(`${JSON.stringify(told)}\n`));
  if (message.message === 'stop') {
    await answer;
    break;
  }
}
