import type { Request, Response } from 'express';
import { LoginEnded } from './identity.ts';
import { createLogins } from './openid-client.ts';
import { endPages } from './pages.ts';
import type { RelyingPartyKind, RelyingPartyOptions } from './relying-party.ts';
import { answerUrl, createShop, openSession, useSession } from './shop.ts';

/** Every page is the same empty shell; what stands on it is drawn by a script from what it fetches. */
export const scriptOnly: RelyingPartyKind = {
  id: 'script-only',
  what: 'a single-page application over a JSON interface, with openid-client on the server',
  face: 'oidc',
  correct: true,
  start,
};

const shell = `<!doctype html>
<html lang="fa" dir="rtl">
<head><meta charset="utf-8"><title></title><script src="/app.js" defer></script></head>
<body><main id="app"></main></body>
</html>
`;

const titles = { home: 'فروشگاه نمونه', account: 'حساب من', signIn: 'ورود از طریق امتا', signOut: 'خروج' };

const script = `
const words = ${JSON.stringify({ ...titles, retry: 'تلاش دوباره', back: 'بازگشت به صفحه نخست', name: 'نام:', mobile: 'شماره همراه تایید شده:' })};
const app = document.getElementById('app');
const make = (tag, members, ...children) => {
  const element = Object.assign(document.createElement(tag), members);
  element.append(...children);
  return element;
};
const draw = (title, ...children) => {
  document.title = title;
  app.replaceChildren(make('h1', { textContent: title }), ...children);
};
const link = (href, textContent) => make('p', {}, make('a', { href, textContent }));
const ended = ({ end, title, text }) => {
  history.replaceState(null, '', '/ended');
  draw(title, make('p', { id: end, textContent: text }), link('/login', words.retry), link('/', words.back));
};
const post = async (address) => {
  const response = await fetch(address, { method: 'POST' });
  return { ok: response.ok, told: await response.json() };
};

const pages = {
  '/': () => draw(words.home, link('/login', words.signIn), link('/account', words.account)),
  '/login': async () => {
    const { ok, told } = await post('/api/login');
    if (ok) location.replace(told.location);
    else ended(told);
  },
  '/window': () => {
    draw(words.signIn);
    window.addEventListener('message', ({ origin, data }) => {
      if (origin !== location.origin) return;
      if (!data.ok) return ended(data.told);
      history.replaceState(null, '', '/account');
      pages['/account']();
    });
    window.open('/login', 'emta', 'width=500,height=600');
  },
  '/callback': async () => {
    const { search } = location;
    history.replaceState(null, '', '/callback');
    const { ok, told } = await post('/api/callback' + search);
    if (window.opener !== null) {
      window.opener.postMessage({ ok, told }, location.origin);
      return window.close();
    }
    if (!ok) return ended(told);
    history.replaceState(null, '', '/account');
    await pages['/account']();
  },
  '/account': async () => {
    const response = await fetch('/api/account');
    const told = await response.json();
    if (!response.ok) return ended(told);
    const form = make('form', { method: 'post', action: '/logout' }, make('button', { textContent: words.signOut }));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      await fetch('/logout', { method: 'POST' });
      location.assign('/');
    });
    const name = make('p', {}, words.name + ' ', make('bdi', { id: 'name', textContent: told.name }));
    const mobile = told.mobile === undefined
      ? make('p', { id: 'mobile-unproven', textContent: told.unproven })
      : make('p', {}, words.mobile + ' ', make('bdi', { id: 'mobile', dir: 'ltr', textContent: told.mobile }));
    draw(words.account, name, mobile, form);
  },
};
(pages[location.pathname] ?? pages['/'])();
`;

async function start(options: RelyingPartyOptions) {
  const shop = await createShop(options);
  const session = useSession(shop);
  const logins = createLogins(shop, options);

  shop.app.get(['/', '/login', '/window', '/callback', '/account', '/ended'], (_request, response) => {
    const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'";
    response.set('Content-Security-Policy', `${policy}; frame-ancestors 'none'; base-uri 'none'`).send(shell);
  });
  shop.app.get('/app.js', (_request, response) => {
    response.type('text/javascript').send(script);
  });

  /** An interface of its own origin: another site's page can neither send this nor read the answer. */
  const told = (act: (request: Request) => Promise<object>) => async (request: Request, response: Response) => {
    if (request.headers.origin !== shop.origin) return void response.status(403).json(endOfLogin('bad-answer'));
    try {
      response.json(await act(request));
    } catch (error) {
      const end = error instanceof LoginEnded ? error.end : 'bad-answer';
      response.status(endPages[end].status).json(endOfLogin(end));
    }
  };

  shop.app.post(
    '/api/login',
    told(async (request) => ({ location: (await logins.begin(request)).href })),
  );
  shop.app.post(
    '/api/callback',
    told(async (request) => {
      const url = new URL(shop.callbackUrl);
      url.search = answerUrl(shop, request).search;
      await openSession(shop, request, await logins.complete(request, url));
      return {};
    }),
  );
  shop.app.get('/api/account', (request, response) => {
    const person = shop.find(session.accountOf(request));
    if (person === undefined) response.status(401).json(endOfLogin('signed-out'));
    else response.json({ name: person.name, mobile: person.mobile, unproven: endPages.mismatch.text });
  });

  return shop.open({ ...session, kind: scriptOnly, authMethod: 'client_secret_post' });
}

const endOfLogin = (end: keyof typeof endPages) => ({ end, title: endPages[end].title, text: endPages[end].text });
