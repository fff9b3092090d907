import type Router from '@koa/router';
import type { Context } from 'koa';
import { type ErrorCode, isEmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import type { Operation } from '../control/operation.ts';
import { operations } from '../control/operations.ts';
import type { ControlPorts } from '../control/ports.ts';
import type { RunOperation } from '../control/run-operation.ts';
import { foreignHost, foreignOrigin, type Guard } from '../friends.ts';
import type { Lang, MessageKey } from '../message.ts';
import type { Renderer } from '../render.ts';
import type { Feed } from './feed.ts';
import type { ConsolePage, ConsolePages, ConsolePart, FormPage } from './pages.ts';
import type { Sessions } from './session.ts';

export interface ConsolePorts {
  readonly control: ControlPorts;
  readonly feed: Feed;
  readonly render: Renderer;
  readonly run: RunOperation;
  readonly sessions: Sessions;
  readonly guard: Guard;
  /** Path of the console, with a slash at its end. */
  readonly home: string;
  /** The keys that the key set shows now. */
  readonly publishedKeys: () => Promise<readonly PublishedKey[]>;
}

export interface PublishedKey {
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
}

/** The fields of a posted form; of one that came several times, all. */
export type Posted = Readonly<Record<string, readonly string[]>>;

/** One request to the console, from a browser that may use it. */
export interface Visit {
  readonly ctx: Context;
  readonly lang: Lang;
  /** What every page carries. */
  readonly page: ConsolePage;
  /** The same for a page with forms. */
  readonly form: FormPage;
  readonly posted: Posted;
  /** First value of a field, without blanks around it. */
  field(name: string): string;
  /** Carries out an operation of the control interface; throws as it does. */
  call(id: string, call?: { readonly path?: Readonly<Record<string, string>>; readonly body?: Json }): Promise<Json>;
}

export type Shown = {
  readonly [Name in keyof ConsolePages]: { readonly name: Name; readonly model: ConsolePages[Name] };
}[keyof ConsolePages];

const doneKinds = ['added', 'changed', 'removed', 'armed', 'disarmed', 'advanced', 'reset', 'restored'] as const;
type Done = (typeof doneKinds)[number];

/** What a person can put right in the form; any other error is one of this server. */
const problemKinds = [
  'bad_option',
  'bad_client',
  'bad_control_request',
  'unknown_fault',
  'unknown_persona',
  'unknown_item',
  'bad_citizen',
  'no_more_citizens',
] as const satisfies readonly ErrorCode[];

interface Form {
  readonly part: ConsolePart;
  /** Does what the form asks; answers where to go on to, below the console. */
  act(visit: Visit): Promise<{ readonly to: string; readonly done: Done }>;
  /** The page again, with what was typed, where that could not be done. */
  again(visit: Visit): Promise<Shown>;
}

const PARTS = [
  { part: 'live', path: '' },
  { part: 'phone', path: 'phone' },
  { part: 'citizens', path: 'citizens' },
  { part: 'numbers', path: 'numbers' },
  { part: 'clients', path: 'clients' },
  { part: 'faults', path: 'faults' },
  { part: 'instance', path: 'instance' },
] as const satisfies readonly { readonly part: ConsolePart; readonly path: string }[];

const byId: ReadonlyMap<string, Operation> = new Map(operations.map((operation) => [operation.id, operation]));

export interface Kit {
  readonly ports: ConsolePorts;
  /** A page below the console; `''` is its first. */
  get(path: string, part: ConsolePart, show: (visit: Visit) => Promise<Shown | undefined>): void;
  post(path: string, form: Form): void;
}

/** Pages and forms of the console: who may see them, what they share, and how a form ends. */
export function createKit(router: Router, ports: ConsolePorts): Kit {
  const { sessions, render, home, guard, feed } = ports;

  function show(ctx: Context, lang: Lang, shown: Shown): void {
    ctx.type = 'html';
    // With `no-referrer` the forms of the page would come from nowhere.
    ctx.set({ 'Content-Language': lang, 'Referrer-Policy': 'same-origin' });
    // The name and the model come as a pair, which the two parameters cannot say.
    ctx.body = render.page(shown.name, lang, shown.model as never);
  }

  async function visitOf(ctx: Context, part: ConsolePart): Promise<Visit | undefined> {
    const stranger = foreignHost(ctx, guard);
    if (stranger) {
      ctx.status = stranger.status;
      ctx.body = { error: stranger.error, message: stranger.message };
      return undefined;
    }
    const session = sessions.of(ctx);
    if (!session.isFriend) {
      ctx.redirect(`${home}sign-in`);
      return undefined;
    }
    const posted = postedOf(ctx);
    const done = doneKinds.find((kind) => kind === ctx.query.done);
    const page: ConsolePage = {
      part,
      nav: PARTS.map(({ part: each, path }) => ({
        part: each,
        label: { key: `console.nav.${each}` },
        href: `${home}${path}`,
      })),
      otherLanguage: withLang(ctx, home, session.lang === 'fa' ? 'en' : 'fa'),
      ...(ctx.method === 'GET' && { events: `${home}events?after=${await feed.newest()}` }),
      ...(done && { done: { key: `console.done.${done}` satisfies MessageKey } }),
    };
    return {
      ctx,
      lang: session.lang,
      posted,
      page,
      form: { ...page, csrf: session.csrf },
      field: (name) => (posted[name]?.[0] ?? '').trim(),
      async call(id, { path = {}, body = {} } = {}) {
        const operation = byId.get(id);
        if (!operation) throw new TypeError(`expected an operation "${id}"`);
        return (await ports.run(operation, { path, query: {}, body })).body;
      },
    };
  }

  return {
    ports,

    get(path, part, showPage) {
      router.get(`/_emta/${path}`, async (ctx) => {
        const visit = await visitOf(ctx, part);
        if (!visit) return;
        const shown = await showPage(visit);
        if (shown) show(ctx, visit.lang, shown);
      });
    },

    post(path, { part, act, again }) {
      router.post(`/_emta/${path}`, async (ctx) => {
        const visit = await visitOf(ctx, part);
        if (!visit) return;
        const stranger = foreignOrigin(ctx);
        if (stranger || !sessions.isOwnForm(ctx, visit.field('csrf'))) {
          ctx.status = 403;
          ctx.body = {
            error: stranger?.error ?? 'foreign_form',
            message: stranger?.message ?? 'expected a form of this console, opened in this browser',
          };
          return;
        }
        try {
          const { to, done } = await act(visit);
          ctx.status = 303;
          ctx.redirect(`${home}${to}?done=${done}`);
          ctx.body = '';
        } catch (error) {
          if (!isEmtaError(error)) throw error;
          const kind = problemKinds.find((one) => one === error.code);
          if (kind === undefined) throw error;
          ctx.status = error.status;
          const title = { key: `console.problem.${kind}` satisfies MessageKey } as const;
          const problem = { title, text: error.message, ...(error.hint && { hint: error.hint }) };
          const page = { ...visit.page, problem };
          show(ctx, visit.lang, await again({ ...visit, page, form: { ...visit.form, problem } }));
        }
      });
    },
  };
}

/** The page in another language; after a form, the console's first. */
function withLang(ctx: Context, home: string, lang: Lang): string {
  if (ctx.method !== 'GET') return `${home}?lang=${lang}`;
  const query = new URLSearchParams(ctx.querystring);
  query.delete('done');
  query.set('lang', lang);
  return `${ctx.originalUrl.split('?')[0]}?${query}`;
}

function postedOf(ctx: Context): Posted {
  const { body } = ctx.request as { readonly body?: Readonly<Record<string, unknown>> };
  return Object.fromEntries(
    Object.entries(body ?? {}).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).map((one: unknown) => String(one)),
    ]),
  );
}
