import { createHash, randomBytes } from 'node:crypto';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { toJalali } from '../../provider/registry/jalali.ts';
import { createPopulation } from '../../provider/registry/population.ts';
import { redirectUri, relyingParty } from './parties.ts';

/** One journey from the authorization request to the claims; answers how long each request took, milliseconds. */
export type Walk = (issuer: string, agent: Agent, number: number) => Promise<readonly number[]>;

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** A browser with cookies, and the relying party behind it, over connections that stay open. */
function visitor(issuer: string, agent: Agent) {
  const cookies = new Map<string, string>();
  const times: number[] = [];

  async function send(path: string, form?: Readonly<Record<string, string>>, bearer?: string): Promise<Answer> {
    const body = form && new URLSearchParams(form).toString();
    const begun = performance.now();
    const answer = await exchange(new URL(path, issuer), agent, body, {
      accept: bearer === undefined ? 'text/html' : 'application/json',
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(bearer === undefined && cookies.size > 0
        ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
        : {}),
    });
    times.push(performance.now() - begun);
    if (bearer === undefined) {
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [pair = ''] = line.split(';');
        const sign = pair.indexOf('=');
        const value = pair.slice(sign + 1);
        if (value === '') cookies.delete(pair.slice(0, sign));
        else cookies.set(pair.slice(0, sign), value);
      }
    }
    const { statusCode: status = 0, headers, text } = answer;
    if (status >= 400) throw new Error(`expected ${path} to be answered, got ${status}: ${text.slice(0, 300)}`);
    return { status, location: String(headers.location ?? ''), body: text };
  }

  return { send, times };
}

function exchange(
  url: URL,
  agent: Agent,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'> & { readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const { statusCode, headers: received } = incoming;
          resolve({ statusCode: statusCode ?? 0, headers: received, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** PKCE, state and nonce, as a careful relying party sends them. */
function authorization(path: string, scope: string) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: relyingParty.client_id,
    redirect_uri: redirectUri,
    scope,
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { url: `${path}?${query}`, verifier };
}

function codeIn(location: string): string {
  const code = new URL(location).searchParams.get('code');
  if (!location.startsWith(redirectUri) || code === null) throw new Error(`expected a code, got ${location}`);
  return code;
}

function tokenRequest(code: string, verifier: string) {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: relyingParty.client_id,
    client_secret: relyingParty.client_secret,
  };
}

function accessTokenIn({ body }: Answer): string {
  const { access_token } = JSON.parse(body) as { access_token?: string };
  if (!access_token) throw new Error(`expected an access token, got ${body}`);
  return access_token;
}

function hiddenField(body: string, name: string): string {
  return new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(body)?.[1] ?? '';
}

const ONE_PERSON_OF = 90_000_000;
const people = createPopulation({ seed: 'emta', size: ONE_PERSON_OF });

/** Somebody else for each journey, as in life. */
function personFor(number: number) {
  for (let step = 0; ; step += 1) {
    const person = people.at((number * 7_919_317 + step) % ONE_PERSON_OF);
    const line = people.linesOf(person.nationalCode).find((one) => one.owner === person.nationalCode);
    if (person.deceased || person.civilRegister || person.enrolled || !line || line.state !== 'active') continue;
    if (line.ownershipRegister) continue;
    const { year, month, day } = toJalali(person.birthDate);
    return { person, mobile: `0${line.mobile.slice(3)}`, birth: { year, month, day } };
  }
}

/** The whole way through Emta's pages: thirteen requests, the picture of the captcha among them. */
export const throughEmta: Walk = async (issuer, agent, number) => {
  const { person, mobile, birth } = personFor(number);
  const { send, times } = visitor(issuer, agent);
  const { url, verifier } = authorization('/oauth/authorize', 'openid user:identity:general user:primaryMobileNumber');
  const { location: first } = await send(url);
  const journey = first.replace(/\/mobile$/, '');
  const csrf = hiddenField((await send(first)).body, 'csrf');
  await send(`${journey}/mobile`, { csrf, mobile });
  await send(`${journey}/captcha`);
  await send(`${journey}/captcha.svg`);
  await send(`${journey}/captcha`, { csrf, captcha: '333333' });
  await send(`${journey}/verification`);
  const verified = await send(`${journey}/verification`, {
    csrf,
    code: '11111',
    national_code: person.nationalCode,
    birth_year: `${birth.year}`,
    birth_month: `${birth.month}`,
    birth_day: `${birth.day}`,
  });
  if (!verified.location.endsWith('/consent'))
    throw new Error(`expected ${number} to be verified: ${verified.location}`);
  await send(`${journey}/consent`);
  const { location: resume } = await send(`${journey}/consent`, { csrf, decision: 'grant' });
  const { location: back } = await send(resume);
  const token = accessTokenIn(await send('/service/v1/oauth/token', tokenRequest(codeIn(back), verifier), ''));
  const { body } = await send('/service/v1/oauth/userinfo', undefined, token);
  const { national_code } = JSON.parse(body) as { national_code?: string };
  if (national_code !== person.nationalCode) throw new Error(`expected ${person.nationalCode}, got ${body}`);
  return times;
};

/** As many requests of a bare oidc-provider; its pages are asked for again to make up the number. */
export const throughBare: Walk = async (issuer, agent, number) => {
  const { send, times } = visitor(issuer, agent);
  const { url, verifier } = authorization('/auth', 'openid');
  const { location: login } = await send(url);
  for (let time = 0; time < 3; time += 1) await send(login);
  const { location: afterLogin } = await send(login, { prompt: 'login', login: `person-${number}`, password: 'x' });
  const { location: consent } = await send(afterLogin);
  for (let time = 0; time < 3; time += 1) await send(consent);
  const { location: afterConsent } = await send(consent, { prompt: 'consent' });
  const { location: back } = await send(afterConsent);
  const token = accessTokenIn(await send('/token', tokenRequest(codeIn(back), verifier), ''));
  await send('/me', undefined, token);
  return times;
};
