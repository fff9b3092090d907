import { foldTight } from '../observe/fold.ts';
import type { ProbeReading, Reading } from '../observe/reading.ts';
import type { Entry, Probe, RelyingParty, SignedIn } from '../rp-file.ts';
import { told } from '../told.ts';
import { isObject } from './emta-wire.ts';
import type { Jar } from './jar.ts';
import { type Form, type Page, parsePage } from './page.ts';
import { nationalForm, type Person } from './person.ts';
import { joined, type PlannedRequest, type StepOptions, submission, type Trace, type UserAgent } from './user-agent.ts';

/** What a citizen types at the relying party before he goes to Emta. */
export interface Typed {
  readonly mobile: string;
  readonly nationalCode: string;
}

export const typedBy = (person: Person): Typed => ({
  mobile: nationalForm(person.mobile),
  nationalCode: person.nationalCode,
});

/** What only a driver of the owner's own can do, or can know. */
export interface Hands {
  /** Sends a page of a registration; the fields go by the names of the protocol. */
  register?(
    jar: Jar,
    step: 'personal_data' | 'validation_code' | 'confirm',
    fields: Readonly<Record<string, string>>,
  ): Promise<Trace>;
  signIn?(jar: Jar, nationalCode: string, password: string): Promise<Trace>;
  /** The code the site sent to a phone; undefined where nobody can know it. */
  validationCode?(jar: Jar, mobile: string): Promise<string | undefined>;
  captcha?(jar: Jar): Promise<string | undefined>;
}

/** How a browser is led through the relying party; all of it can be seen from outside. */
export interface SiteDriver {
  readonly hands?: Hands;
  /** Starts a login and goes on until something stays on the screen, as a rule Emta's first page. */
  start(
    jar: Jar,
    typed: Typed,
    options?: StepOptions & { readonly query?: Readonly<Record<string, string>>; readonly entry?: Entry },
  ): Promise<Trace>;
  /** Opens registration_url and presses «ثبت نام یا تنظیم رمز», unless the page itself leads to Emta. */
  enterRegistration(jar: Jar, typed: Typed, options?: StepOptions): Promise<Trace>;
  look(jar: Jar): Promise<Reading>;
  probe(jar: Jar, probe?: Probe): Promise<ProbeReading>;
  logout(
    jar: Jar,
    options?: StepOptions & { readonly query?: Readonly<Record<string, string>> },
  ): Promise<Logout | undefined>;
}

export interface Logout {
  readonly trace: Trace;
  /** No page showed a link or form for it, so that the address was asked without whatever they would have sent along. */
  readonly isBlind: boolean;
}

const withQuery = (url: string, query: Readonly<Record<string, string>> | undefined): string => {
  if (query === undefined) return url;
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return target.href;
};

const filled = (form: Readonly<Record<string, string>>, typed: Typed): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      value.replaceAll('${mobile}', typed.mobile).replaceAll('${national_code}', typed.nationalCode),
    ]),
  );

/** What an entry types, as far as a form asks for it. */
export const typedInto = (form: Form, entry: Entry, typed: Typed): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(filled(entry.form, typed)).filter(([name]) => form.fields.some((field) => field.name === name)),
  );

const holds = (form: Form, names: readonly string[]) =>
  names.every((name) => form.fields.some((field) => field.name === name));

/** The form of a page that an entry means: it has the entry's fields, or leads to its address. */
function formOf(page: Page | undefined, entry: Entry): Form | undefined {
  const names = Object.keys(entry.form);
  const leadsThere = (form: Form) => new URL(form.action).pathname === new URL(entry.url).pathname;
  const posts = page?.forms.filter(({ method }) => method === entry.method) ?? [];
  return (
    posts.find((form) => holds(form, names) && leadsThere(form)) ??
    (names.length > 0 ? posts.find((form) => holds(form, names)) : posts.find(leadsThere))
  );
}

/** The link of a page that an entry means: to its address, with more in the query, such as a token against forgery. */
function linkOf(page: Page | undefined, entry: Entry): string | undefined {
  if (entry.method !== 'GET' || Object.keys(entry.form).length > 0) return undefined;
  const to = new URL(entry.url);
  return page?.links.find(({ href }) => {
    if (!URL.canParse(href)) return false;
    const { origin, pathname, searchParams } = new URL(href);
    const isThere = origin === to.origin && pathname === to.pathname;
    return isThere && [...to.searchParams].every(([name, value]) => searchParams.get(name) === value);
  })?.href;
}

/** What a person presses on a page to log out: the link or the form that the entry means. */
function ownLogout(
  page: Page | undefined,
  entry: Entry,
  query: Readonly<Record<string, string>> | undefined,
): PlannedRequest | undefined {
  const link = linkOf(page, entry);
  if (link !== undefined) return { method: 'GET', url: withQuery(link, query) };
  const form = formOf(page, entry);
  const button = form?.fields.find((field) => field.type === 'submit' && field.name !== '');
  return form === undefined ? undefined : submission(form, entry.form, button);
}

const pressed = new Set(['hidden', 'submit', 'button', 'image']);

/** A page that has nothing to fill in and one button: an entry that fills in nothing means that one. */
function buttonFormOf(page: Page | undefined, entry: Entry): Form | undefined {
  const buttons = page?.forms.filter(({ fields }) => fields.every(({ type }) => pressed.has(type))) ?? [];
  return Object.keys(entry.form).length === 0 && buttons.length === 1 ? buttons[0] : undefined;
}

/** «ثبت نام یا تنظیم رمز», as the circular names it, or the nearest that a site may call it. */
const registrationNames = [/ثبتنامیاتنظیمرمز/, /ثبتنام/, /^(?:register|sign\s?up)/i];

/** The link or button of a page that starts a registration. */
function registrationAct(page: Page, rp: RelyingParty, typed: Typed | undefined): PlannedRequest | undefined {
  for (const name of registrationNames) {
    const link = page.links.find(({ text, href }) => name.test(foldTight(text)) && /^https?:/.test(href));
    if (link !== undefined) return { method: 'GET', url: link.href };
    for (const form of page.forms) {
      const buttons = form.fields.filter(({ type }) => type === 'submit');
      const button = buttons.find(({ label }) => name.test(foldTight(label)));
      if (button === undefined) continue;
      const action = button.action ?? form.action;
      const values = typed === undefined ? {} : typedInto(form, rp.start, typed);
      return submission({ ...form, action, method: button.method ?? form.method }, values, button);
    }
  }
  return undefined;
}

function jsonAt(body: string, path: string): unknown {
  let value: unknown = JSON.parse(body);
  for (const step of path
    .replace(/^\$\.?/, '')
    .split(/[.[\]]+/)
    .filter((part) => part !== '')) {
    const name = step.replace(/^['"]|['"]$/g, '');
    if (Array.isArray(value)) value = value[Number(name)];
    else if (isObject(value)) value = value[name];
    else return undefined;
  }
  return value;
}

const asValue = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? value
    : typeof value === 'number'
      ? String(value)
      : isObject(value) || Array.isArray(value)
        ? JSON.stringify(value)
        : undefined;

const isSyntaxError = (error: unknown) =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'SyntaxError';

/** Reads what a probe's answer says, without interpreting the value. */
function readProbe(
  signedIn: SignedIn,
  answer: { readonly status: number; readonly contentType: string; readonly body: string; readonly url: string },
): ProbeReading {
  const evidence = told`probe ${`${answer.url} -> ${answer.status}`}`;
  const { status } = answer;
  if (signedIn.kind === 'status')
    return status === signedIn.status ? { kind: 'in', evidence } : { kind: 'anonymous', evidence };
  if (status >= 500 || status === 404 || status === 429) return { kind: 'unclear', evidence };
  if (status >= 300) return { kind: 'anonymous', evidence };
  if (signedIn.kind === 'css') {
    const value = parsePage(answer).select(signedIn.selector, signedIn.attribute);
    return value === undefined || value === ''
      ? { kind: 'anonymous', evidence }
      : { kind: 'in', value, evidence: told`${evidence}, ${`${signedIn.selector}: ${value}`}` };
  }
  try {
    const value =
      signedIn.kind === 'json'
        ? jsonAt(answer.body, signedIn.path)
        : (jsonAt(answer.body, '$.sub') ?? jsonAt(answer.body, '$.id'));
    if (signedIn.kind === 'json' && value === true)
      return { kind: 'in', evidence: told`${evidence}, ${`${signedIn.path}: true`}` };
    const text = asValue(value);
    return text === undefined
      ? { kind: 'anonymous', evidence: told`${evidence} without a value` }
      : { kind: 'in', value: text, evidence: told`${evidence}, ${`"${text}"`}` };
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    // an application shell answers 200 with a page where there is no session; an empty body says the same
    const isPage = /^\s*</.test(answer.body);
    return isPage || answer.body.trim() === ''
      ? { kind: 'anonymous', evidence: told`${evidence} without JSON`, ...(isPage ? { isPage } : {}) }
      : { kind: 'unclear', evidence: told`${evidence} with broken JSON` };
  }
}

/** The driver for relying parties that work without script. */
export function createHttpDriver(rp: RelyingParty, agent: UserAgent, emtaOrigin: string): SiteDriver {
  const leavesForEmta = (next: PlannedRequest) => new URL(next.url).origin === emtaOrigin;

  const probe = async (jar: Jar, target: Probe): Promise<ProbeReading> => {
    const isPage = target.signedIn.kind === 'css';
    const trace = await agent.visit(
      jar,
      { method: 'GET', url: target.url },
      { holdBefore: leavesForEmta, hops: 5, ...(isPage ? {} : { asFetch: true, from: target.url }) },
    );
    if (trace.ending.kind === 'held' || trace.ending.kind === 'off-limits' || trace.ending.kind === 'loop') {
      return {
        kind: 'anonymous',
        evidence: told`probe ${target.url} led to ${trace.ending.kind === 'held' ? trace.ending.next.url : trace.ending.kind}`,
      };
    }
    const last = trace.hops.at(-1);
    if (trace.ending.kind !== 'page' || last === undefined) {
      return {
        kind: 'unclear',
        evidence: told`probe ${target.url}: ${trace.ending.kind === 'page' ? told`nothing` : trace.ending.kind}`,
      };
    }
    const isElsewhere = new URL(last.url).pathname !== new URL(target.url).pathname;
    if (isElsewhere && !isPage && target.signedIn.kind !== 'status')
      return { kind: 'anonymous', evidence: told`probe ${target.url} led to ${last.url}` };
    if (target.signedIn.kind === 'status' && trace.hops.length > 1) {
      return readProbe(target.signedIn, {
        status: trace.hops[0]?.status ?? 0,
        contentType: '',
        body: '',
        url: target.url,
      });
    }
    return readProbe(target.signedIn, {
      status: last.status,
      contentType: last.headers['content-type'] ?? '',
      body: last.body,
      url: last.url,
    });
  };

  const enter = async (
    jar: Jar,
    entry: Entry,
    typed: Typed,
    options: StepOptions & { readonly query?: Readonly<Record<string, string>> },
  ): Promise<Trace> => {
    const { query, ...step } = options;
    const url = withQuery(entry.url, query);
    if (entry.method === 'GET')
      return agent.visit(
        jar,
        {
          method: 'GET',
          url: withQuery(url, Object.keys(entry.form).length === 0 ? undefined : filled(entry.form, typed)),
        },
        step,
      );
    const values = filled(entry.form, typed);
    const direct: PlannedRequest = { method: 'POST', url, form: Object.entries(values) };
    const first = await agent.visit(jar, direct, { ...step, from: url, cause: 'form' });
    const wentToEmta = first.hops.some((hop) => new URL(hop.url).origin === emtaOrigin);
    if (first.ending.kind !== 'page' || wentToEmta || entry === rp.logout) return first;
    // a form with a token against forgery must be fetched before it is sent
    const before = await agent.visit(
      jar,
      { method: 'GET', url },
      { ...step, holdBefore: (next) => leavesForEmta(next) || step.holdBefore?.(next) === true },
    );
    const form = formOf(before.page, entry) ?? buttonFormOf(before.page, entry);
    if (form === undefined) return first;
    const button = form.fields.find((field) => field.type === 'submit' && field.name !== '');
    const after = await agent.visit(jar, submission(form, values, button), {
      ...step,
      from: before.page?.url ?? url,
      cause: 'form',
    });
    return joined(before, after);
  };

  return {
    start: (jar, typed, { entry, ...options } = {}) => enter(jar, entry ?? rp.start, typed, options),
    async enterRegistration(jar, typed, options = {}) {
      const page = await agent.visit(jar, { method: 'GET', url: rp.registrationUrl ?? rp.start.url }, options);
      const here = page.page;
      if (page.ending.kind !== 'page' || here === undefined || new URL(here.url).origin === emtaOrigin) return page;
      // the user code may be asked for, but need not: first as somebody who leaves the box empty
      let trace = page;
      for (const values of [undefined, typed]) {
        const next = registrationAct(here, rp, values);
        if (next === undefined) return trace;
        const after = await agent.visit(jar, next, {
          ...options,
          from: here.url,
          cause: next.method === 'POST' ? 'form' : 'link',
        });
        trace = joined(page, after);
        if (after.ending.kind !== 'page' || after.hops.some(({ url }) => new URL(url).origin === emtaOrigin))
          return trace;
      }
      return trace;
    },
    async look(jar) {
      const said = rp.session === undefined ? ({ kind: 'none' } as const) : await probe(jar, rp.session);
      const page = await agent.visit(
        jar,
        { method: 'GET', url: rp.protectedUrl },
        { holdBefore: leavesForEmta, hops: 6, isGlance: true },
      );
      return { probe: said, page };
    },
    async probe(jar, target = rp.session) {
      return target === undefined ? { kind: 'none' } : probe(jar, target);
    },
    async logout(jar, options = {}) {
      const entry = rp.logout;
      if (entry === undefined) return undefined;
      // who comes from another site presses nothing of this one
      const pages = options.from === undefined ? [rp.protectedUrl, new URL('/', rp.protectedUrl).href] : [];
      for (const url of new Set(pages)) {
        const { page } = await agent.visit(jar, { method: 'GET', url }, { holdBefore: leavesForEmta });
        const own = ownLogout(page, entry, options.query);
        if (own === undefined) continue;
        const cause = own.method === 'POST' ? 'form' : 'link';
        const trace = await agent.visit(jar, own, { from: page?.url ?? url, cause, holdBefore: leavesForEmta });
        return { trace, isBlind: false };
      }
      const nobody = { mobile: '', nationalCode: '' };
      return { trace: await enter(jar, entry, nobody, { holdBefore: leavesForEmta, ...options }), isBlind: true };
    },
  };
}
