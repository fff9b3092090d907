import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { byHand, startPlain } from './plain.ts';
import { plainScope, type RelyingPartyOptions, type RunningRelyingParty } from './relying-party.ts';

/** The members of `emta-rp.json`; whatever is left out is left out there too. */
export type NullFile = Omit<
  RunningRelyingParty,
  'close' | 'session_url' | 'logout_url' | 'mobile_status' | 'refusal' | 'mismatch'
> &
  Partial<Pick<RunningRelyingParty, 'session_url' | 'logout_url' | 'mobile_status' | 'refusal' | 'mismatch'>>;

export interface RunningNullParty {
  readonly file: NullFile;
  close(): Promise<void>;
}

/** An absence, not a defect: what is there looks fine to a harness that takes silence for an answer. */
export interface NullParty {
  readonly id: string;
  readonly what: string;
  /** None of these is the exit code of a certificate. */
  readonly exitCodes: readonly (1 | 2 | 3)[];
  readonly start: (options: RelyingPartyOptions) => Promise<RunningNullParty>;
}

export const nullParties: readonly NullParty[] = [
  { id: 'Z1', what: 'port closed', exitCodes: [2], start: closedPort },
  { id: 'Z2', what: 'answers 500 to everything', exitCodes: [1], start: onlyErrors },
  { id: 'Z3', what: 'shows one name to everybody, after a login or none', exitCodes: [1], start: oneName },
  { id: 'Z4', what: 'redirects to Emta for ever', exitCodes: [1], start: forEver },
  {
    id: 'Z5',
    what: "signs in, shows nobody's name and has no probe",
    exitCodes: [3],
    start: (options) => nameless(options, 'welcome back'),
  },
  {
    id: 'Z5-alike',
    what: 'as Z5, and looks the same before and after',
    exitCodes: [2],
    start: (options) => nameless(options, 'welcome'),
  },
  { id: 'Z6', what: 'accepts the connection and never answers', exitCodes: [1], start: neverAnswers },
  { id: 'Z7', what: 'the probe says anonymous while the account shows the name', exitCodes: [1, 3], start: lyingProbe },
  {
    id: 'Z8-user-agent',
    what: 'handles refusals only of what is no browser',
    exitCodes: [1],
    start: (options) => carefulWhen(options, (agent) => !/^Mozilla\//.test(agent)),
  },
  {
    id: 'Z8-order',
    what: 'handles refusals only among the first dozen answers',
    exitCodes: [1],
    start: (options) => carefulWhen(options, (_agent, answers) => answers <= 12),
  },
];

async function closedPort(options: RelyingPartyOptions): Promise<RunningNullParty> {
  const server = createServer();
  const origin = await listen(server, options.port);
  await close(server);
  return { file: fileOf('Z1', origin, options), close: async () => {} };
}

function onlyErrors(options: RelyingPartyOptions): Promise<RunningNullParty> {
  return serve('Z2', options, () => (_request, response) => {
    response.writeHead(500, { 'content-type': 'text/html' }).end('<title>500</title><p>500</p>');
  });
}

function oneName(options: RelyingPartyOptions): Promise<RunningNullParty> {
  return serve('Z3', options, (origin) => (request, response) => {
    if (request.url === '/login') redirect(response, authorizeUrl(origin, options));
    else html(response, '<p>مریم رستگار، خوش آمدید</p>');
  });
}

function forEver(options: RelyingPartyOptions): Promise<RunningNullParty> {
  return serve('Z4', options, (origin) => (_request, response) => redirect(response, authorizeUrl(origin, options)));
}

/** The account page of whoever holds the cookie says `greeting`; that of anybody else says welcome. */
function nameless(options: RelyingPartyOptions, greeting: string): Promise<RunningNullParty> {
  return serve('Z5', options, (origin) => (request, response) => {
    const isIn = request.headers.cookie?.includes('in=yes') === true;
    if (request.url === '/login') redirect(response, authorizeUrl(origin, options));
    else if (request.url?.startsWith('/callback') === true) {
      if (request.url.includes('code=')) response.setHeader('set-cookie', 'in=yes; HttpOnly; SameSite=Lax');
      redirect(response, '/account');
    } else html(response, `<p>${isIn ? greeting : 'welcome'}</p>`);
  });
}

async function neverAnswers(options: RelyingPartyOptions): Promise<RunningNullParty> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).resume();
  });
  const origin = await listen(server, options.port);
  return {
    file: fileOf('Z6', origin, options),
    async close() {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  };
}

async function lyingProbe(options: RelyingPartyOptions): Promise<RunningNullParty> {
  const { close, ...file } = await startPlain(options, {
    pkce: true,
    redeem: byHand(options),
    prepare: ({ app }) => app.get('/api/nobody', (_request, response) => void response.status(401).json({})),
  });
  const url = file.session_url.url.replace('/api/me', '/api/nobody');
  return { file: { ...file, session_url: { ...file.session_url, url } }, close };
}

/** A right relying party, but where it need not be careful a refusal brings it down. */
async function carefulWhen(
  options: RelyingPartyOptions,
  isCareful: (userAgent: string, answers: number) => boolean,
): Promise<RunningNullParty> {
  let answers = 0;
  const { close, ...file } = await startPlain(options, {
    pkce: true,
    redeem: byHand(options),
    prepare: ({ app }) =>
      app.get('/callback', (request, response, next) => {
        answers += 1;
        if ('code' in request.query || isCareful(request.get('user-agent') ?? '', answers)) next();
        else response.status(500).type('text').send('TypeError: code is undefined\n    at callback (shop.js:12:7)');
      }),
  });
  return { file, close };
}

async function serve(
  id: string,
  options: RelyingPartyOptions,
  listenerAt: (origin: string) => RequestListener,
): Promise<RunningNullParty> {
  const server = createHttpServer();
  const origin = await listen(server, options.port);
  server.on('request', listenerAt(origin));
  return {
    file: fileOf(id, origin, options),
    close() {
      server.closeAllConnections();
      return close(server);
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function fileOf(id: string, origin: string, { clientId, clientSecret }: RelyingPartyOptions): NullFile {
  return {
    name: id,
    version: '1.0.0',
    start_url: `${origin}/login`,
    protected_url: `${origin}/account`,
    capabilities: { oidc: false },
    client: {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [`${origin}/callback`],
      token_endpoint_auth_method: 'client_secret_post',
      scope: plainScope,
    },
  };
}

function authorizeUrl(origin: string, { issuer, clientId }: RelyingPartyOptions): string {
  const url = new URL(`${issuer}/oauth/authorize`);
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `${origin}/callback`,
    scope: plainScope,
    state: randomBytes(16).toString('base64url'),
  })) {
    url.searchParams.set(name, value);
  }
  return url.href;
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="fa" dir="rtl"><title>shop</title>${body}</html>`);
}
