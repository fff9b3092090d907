import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, keptAlive, type Typed, walk } from './citizen.ts';
import { captcha, client, type Fleet, redirectUri } from './fleet.ts';
import { isUnanswered } from './programs.ts';

/** Something that goes wrong while journeys are under way. */
export type Blow = 'crash' | 'restart-redis' | 'pause-redis' | 'advance-clock' | 'replace' | 'half-open';

export interface ChaosOptions {
  readonly journeys: number;
  /** Journeys under way at the same time. */
  readonly atOnce: number;
  /** Longest time that somebody thinks about a page, milliseconds. */
  readonly think: number;
  /** Called again and again until all journeys have ended; between two, `pause` milliseconds pass. */
  readonly blows: readonly Blow[];
  readonly pause: number;
  /** Chance of the trial: which process, when, how long. Between 0 and 1. */
  readonly chance: () => number;
  readonly say?: (line: string) => void;
}

export interface Tally {
  readonly journeys: number;
  /** Ended at the relying party, as the journey they began, with the right identity. */
  readonly completed: number;
  /** The code was used up, and the process died before it had answered: the relying party must begin anew. */
  readonly answerLost: number;
  readonly lost: readonly string[];
  readonly redeemedTwice: number;
  readonly messages: { readonly acknowledged: number; readonly missing: number };
  readonly retries: number;
  readonly blows: Readonly<Partial<Record<Blow, number>>>;
  /** Chains of the journal, and the first line that does not follow from the one before. */
  readonly journal: { readonly chains: number; readonly lines: number; readonly broken?: string };
  readonly exitCodes: readonly (number | null)[];
}

interface Person {
  readonly national_code: string;
  readonly mobile: string;
  readonly birth_date: { readonly jalali: string };
}

/** Sends so many citizens on their way while everything that can break breaks, and counts what came of it. */
export async function chaos(fleet: Fleet, options: ChaosOptions): Promise<Tally> {
  const { journeys, atOnce, chance } = options;
  const agent = keptAlive();
  await register(fleet);
  const people = await drawPeople(fleet, journeys);
  const lost: string[] = [];
  const sent: string[] = [];
  const done: Partial<Record<Blow, number>> = {};
  const exitCodes: (number | null)[] = [];
  let [completed, answerLost, redeemedTwice, retries, next] = [0, 0, 0, 0, 0];
  let isOver = false;

  async function citizens(): Promise<void> {
    while (next < people.length) {
      const number = next;
      next += 1;
      const person = people[number];
      if (!person) return;
      try {
        await one(person, number);
      } catch (error) {
        lost.push(String(error));
      }
    }
  }

  async function one(person: Person, number: number): Promise<void> {
    const { url, verifier } = authorizationRequest(fleet.issuer);
    const walked = await walk({
      issuer: fleet.issuer,
      agent,
      authorizationUrl: url,
      redirectUri,
      typed: typedBy(person),
      captcha,
      think: () => chance() * options.think,
      patience: 180,
    });
    retries += walked.retries;
    if (walked.began !== walked.ended) throw new Error(`journey ${walked.began} ended as ${walked.ended}`);
    const text = `trial ${number}`;
    if (await sendMessage(fleet, text, person.mobile)) sent.push(text);
    const outcome = await redeem(fleet, walked.code, verifier, person.national_code);
    if (outcome === 'answer-lost') answerLost += 1;
    else completed += 1;
    if (outcome === 'twice') redeemedTwice += 1;
  }

  async function strike(): Promise<void> {
    for (let turn = 0; !isOver; turn += 1) {
      await sleep(options.pause * (0.5 + chance()));
      const blow = options.blows[turn % options.blows.length];
      if (isOver || blow === undefined) return;
      const index = Math.floor(chance() * fleet.size);
      options.say?.(`${completed + answerLost} of ${journeys} ended, ${lost.length} lost; ${blow} ${index}`);
      await deal(blow, index);
      done[blow] = (done[blow] ?? 0) + 1;
    }
  }

  async function deal(blow: Blow, index: number): Promise<void> {
    switch (blow) {
      case 'crash':
        return fleet.crash(index);
      case 'replace':
        exitCodes.push(await fleet.replace(index));
        return;
      case 'restart-redis':
        return fleet.restartRedis();
      case 'pause-redis':
        return fleet.pauseRedis(1000 + chance() * 4000);
      case 'advance-clock':
        await control(fleet, '/clock', { advance_seconds: 20 });
        return;
      case 'half-open':
        return halfOpen(fleet.issuer, 50);
    }
  }

  const striking = strike();
  await Promise.all(Array.from({ length: atOnce }, citizens));
  isOver = true;
  await striking;
  agent.destroy();
  const missing = await missingMessages(fleet, people, sent);
  return {
    journeys,
    completed,
    answerLost,
    lost,
    redeemedTwice,
    messages: { acknowledged: sent.length, missing },
    retries,
    blows: done,
    journal: await journalOf(fleet),
    exitCodes,
  };
}

export interface AuthorizationRequest {
  readonly url: string;
  readonly verifier: string;
}

/** PKCE and state, as a careful relying party sends them. */
export function authorizationRequest(issuer: string): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: 'openid user:identity:general user:primaryMobileNumber',
    state: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { url: `${issuer}/oauth/authorize?${query}`, verifier };
}

function typedBy({ mobile, national_code, birth_date }: Person): Typed {
  const [year = '', month = '', day = ''] = birth_date.jalali.split('/').map((part) => `${Number(part)}`);
  return { mobile: mobile.replace('+98', '0'), nationalCode: national_code, birth: { year, month, day } };
}

/** Redeems a code twice, as soon as it can: once is right, twice is a defect. */
async function redeem(
  fleet: Fleet,
  code: string,
  verifier: string,
  nationalCode: string,
): Promise<'once' | 'twice' | 'answer-lost'> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: client.id,
    client_secret: client.secret,
  };
  const attempt = () =>
    patiently(() => exchange(`${fleet.issuer}/service/v1/oauth/token`, false, form, { accept: 'application/json' }));
  const first = await attempt();
  if (first.status === 400 && first.retries > 0) return 'answer-lost';
  if (first.status !== 200) throw new Error(`expected tokens for a code, got ${first.status} ${first.body}`);
  const { access_token: token } = JSON.parse(first.body) as { access_token?: string };
  const claims = await patiently(() =>
    exchange(`${fleet.issuer}/service/v1/oauth/userinfo`, false, undefined, { authorization: `Bearer ${token}` }),
  );
  const { national_code } = JSON.parse(claims.body) as { national_code?: string };
  if (national_code !== nationalCode) throw new Error(`expected ${nationalCode}, got ${claims.status} ${claims.body}`);
  return (await attempt()).status === 200 ? 'twice' : 'once';
}

/** Asks until there is an answer that is not the server's trouble. */
async function patiently(ask: () => ReturnType<typeof exchange>) {
  for (let retries = 0; retries < 600; retries += 1) {
    const got = await ask();
    if (got && got.status < 500) return { ...got, retries };
    await sleep(100);
  }
  throw new Error('expected an answer within a minute, got none');
}

async function control(fleet: Fleet, path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<unknown> {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(`${fleet.issuer}/_emta/v1${path}`, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 || tries > 300) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    } catch (error) {
      // The process died over it.
      if (!isUnanswered(error) || tries > 300) throw error;
    }
    await sleep(100);
  }
}

async function register(fleet: Fleet): Promise<void> {
  await control(fleet, `/clients/${client.id}`, { client_secret: client.secret, redirect_uris: [redirectUri] }, 'PUT');
}

async function drawPeople(fleet: Fleet, count: number): Promise<readonly Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const body = { count: Math.min(50, count - people.length), min_age: 18 };
    const { citizens } = (await control(fleet, '/citizens/draw', body)) as { readonly citizens: readonly Person[] };
    people.push(...citizens);
  }
  return people;
}

/** True where Emta said that it has the message; after that it must never be missing. */
async function sendMessage(fleet: Fleet, text: string, to: string): Promise<boolean> {
  try {
    const answer = await fetch(`${fleet.issuer}/_emta/v1/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ to, text }),
    });
    return answer.status === 201;
  } catch (error) {
    if (isUnanswered(error)) return false;
    throw error;
  }
}

async function missingMessages(fleet: Fleet, people: readonly Person[], sent: readonly string[]): Promise<number> {
  const found = new Set<string>();
  for (const { mobile } of people) {
    const { messages } = (await control(fleet, `/messages?mobile=${encodeURIComponent(mobile)}`)) as {
      readonly messages: readonly { readonly text: string }[];
    };
    for (const { text } of messages) found.add(text);
  }
  return sent.filter((text) => !found.has(text)).length;
}

interface Line {
  readonly chain: string;
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

async function journalOf(fleet: Fleet): Promise<Tally['journal']> {
  const { entries } = (await control(fleet, '/journal')) as { readonly entries: readonly Line[] };
  const ends = new Map<string, Line>();
  let broken: string | undefined;
  for (const line of entries) {
    const before = ends.get(line.chain);
    const follows = before === undefined || (line.previous === before.hash && line.seq === before.seq + 1);
    if (!follows) broken ??= `line ${line.seq} of chain ${line.chain} after line ${before.seq}`;
    ends.set(line.chain, line);
  }
  return { chains: ends.size, lines: entries.length, ...(broken !== undefined && { broken }) };
}

/** Opens connections, sends half a request on each, and says nothing more. */
async function halfOpen(issuer: string, count: number): Promise<void> {
  const { connect } = await import('node:net');
  const port = Number(new URL(issuer).port);
  const sockets = Array.from({ length: count }, (_, index) => {
    const socket = connect(port, '127.0.0.1');
    // nginx cuts them in the end.
    socket.on('error', () => undefined);
    socket.write(
      index % 2 === 0
        ? 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '
        : 'POST /service/v1/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\ngrant_type=',
    );
    return socket;
  });
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 5_000).unref();
}
