import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, keptAlive, type Typed, walk } from './citizen.ts';
import { control } from './control.ts';
import { captcha, client, redirectUri } from './fleet.ts';
import { isUnanswered } from './programs.ts';

/** Something that goes wrong while journeys are under way. */
export interface Blow {
  readonly name: string;
  deal(): Promise<void>;
}

export interface ChaosOptions {
  readonly issuer: string;
  /** So many journeys at least, and more until every blow was dealt. */
  readonly journeys: number;
  /** Journeys under way at the same time. */
  readonly atOnce: number;
  /** Longest time that somebody thinks about a page, milliseconds. */
  readonly think: number;
  /** Dealt again and again until all journeys have ended; between two, about `pause` milliseconds pass. */
  readonly blows: readonly Blow[];
  readonly pause: number;
  /** Chance of the trial: between 0 and 1. */
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
  readonly blows: Readonly<Record<string, number>>;
  /** Chains of the journal, and the first line that does not follow from the one before. */
  readonly journal: { readonly chains: number; readonly lines: number; readonly broken?: string };
}

/** Whether nothing was lost and nobody got anything twice. */
export function isSound({ lost, redeemedTwice, messages, journal }: Tally): boolean {
  return lost.length === 0 && redeemedTwice === 0 && messages.missing === 0 && journal.broken === undefined;
}

interface Person {
  readonly national_code: string;
  readonly mobile: string;
  readonly birth_date: { readonly jalali: string };
}

/** So many are under way when all others have ended, for the blows that are still to come. */
const LATECOMERS = 20;

/** Sends so many citizens on their way while everything that can break breaks, and counts what came of it. */
export async function chaos(options: ChaosOptions): Promise<Tally> {
  const { issuer, journeys, atOnce, blows, chance } = options;
  const agent = keptAlive();
  await register(issuer);
  const people = await drawPeople(issuer, journeys);
  const lost: string[] = [];
  const sent: string[] = [];
  const dealt: Record<string, number> = {};
  let [completed, answerLost, redeemedTwice, retries, begun, struck] = [0, 0, 0, 0, 0, 0];
  let isOver = false;

  /** One after another; when everybody has had a turn, a few go again until all has been dealt. */
  async function citizens(lane: number): Promise<void> {
    while (!isOver && (begun < people.length || (struck < blows.length && lane < LATECOMERS))) {
      const number = begun;
      begun += 1;
      const person = people[number] ?? people[lane];
      if (!person) return;
      try {
        await one(person, number);
      } catch (error) {
        lost.push(String(error));
      }
    }
  }

  async function one(person: Person, number: number): Promise<void> {
    const { url, verifier } = authorizationRequest(issuer);
    const walked = await walk({
      issuer,
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
    if (await sendMessage(issuer, text, person.mobile)) sent.push(text);
    const outcome = await redeem(issuer, walked.code, verifier, person.national_code);
    if (outcome === 'answer-lost') answerLost += 1;
    else completed += 1;
    if (outcome === 'twice') redeemedTwice += 1;
  }

  async function strike(): Promise<void> {
    for (;;) {
      await sleep(options.pause * (0.5 + chance()));
      const blow = blows[struck % blows.length];
      if (isOver || blow === undefined) return;
      options.say?.(`${completed + answerLost} of ${begun} ended, ${lost.length} lost; ${blow.name}`);
      await blow.deal();
      dealt[blow.name] = (dealt[blow.name] ?? 0) + 1;
      struck += 1;
    }
  }

  const striking = strike().catch((error: unknown) => {
    isOver = true;
    throw error;
  });
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => citizens(lane)));
  isOver = true;
  await striking;
  agent.destroy();
  return {
    journeys: begun,
    completed,
    answerLost,
    lost,
    redeemedTwice,
    messages: { acknowledged: sent.length, missing: await missingMessages(issuer, people, sent) },
    retries,
    blows: dealt,
    journal: await journalOf(issuer),
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
  issuer: string,
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
    patiently(() => exchange(`${issuer}/service/v1/oauth/token`, false, form, { accept: 'application/json' }));
  const first = await attempt();
  if (first.status === 400 && first.retries > 0) return 'answer-lost';
  if (first.status !== 200) throw new Error(`expected tokens for a code, got ${first.status} ${first.body}`);
  const { access_token: token } = JSON.parse(first.body) as { access_token?: string };
  const claims = await patiently(() =>
    exchange(`${issuer}/service/v1/oauth/userinfo`, false, undefined, { authorization: `Bearer ${token}` }),
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

async function register(issuer: string): Promise<void> {
  await control(issuer, `/clients/${client.id}`, { client_secret: client.secret, redirect_uris: [redirectUri] }, 'PUT');
}

async function drawPeople(issuer: string, count: number): Promise<readonly Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const body = { count: Math.min(50, count - people.length), min_age: 18 };
    const { citizens } = (await control(issuer, '/citizens/draw', body)) as { readonly citizens: readonly Person[] };
    people.push(...citizens);
  }
  return people;
}

/** True where Emta said that it has the message; after that it must never be missing. */
async function sendMessage(issuer: string, text: string, to: string): Promise<boolean> {
  try {
    const answer = await fetch(`${issuer}/_emta/v1/messages`, {
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

async function missingMessages(issuer: string, people: readonly Person[], sent: readonly string[]): Promise<number> {
  const found = new Set<string>();
  for (const { mobile } of people) {
    const { messages } = (await control(issuer, `/messages?mobile=${encodeURIComponent(mobile)}`)) as {
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

async function journalOf(issuer: string): Promise<Tally['journal']> {
  const { entries } = (await control(issuer, '/journal')) as { readonly entries: readonly Line[] };
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
