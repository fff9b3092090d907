import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { speakCaptcha } from '../captcha/audio.ts';
import { drawCaptcha } from '../captcha/image.ts';
import type { Journal } from '../journal/journal.ts';
import { seededRandom } from '../kernel/random.ts';
import { type ClientRegistry, clientName as nameOfClient } from '../oidc/clients.ts';
import type { Interactions } from '../oidc/interactions.ts';
import type { Journeys, LastAnswer } from '../oidc/journeys.ts';
import { errorOf, isOpen, reasonForLeaving, type Step, steps } from '../steps/index.ts';
import type { Input, Journey, Outcome, Reason, StepName } from '../steps/journey.ts';
import type { Ports } from '../steps/ports.ts';
import { enrolledOwner, secondsToWait } from '../steps/verification.ts';
import type { Helper, HelperPage } from './helper.ts';
import { deadEndPage, type PageFacts, stepPage } from './journey-models.ts';
import { type JourneyPaths, journeyPaths } from './journey-paths.ts';
import type { ErrorPage, Pages } from './pages.ts';
import type { Renderer } from './render.ts';
import { showPage } from './show.ts';

export interface JourneyPorts {
  readonly steps: Ports;
  /** The same, as bad as the faults armed for a journey make them. */
  readonly stepsFor: (journey: Journey) => Ports;
  readonly journeys: Journeys;
  readonly interactions: Interactions;
  readonly clients: ClientRegistry;
  readonly journal: Journal;
  readonly render: Renderer;
  /** The developer's short cuts; left out, the pages have none. */
  readonly helper?: Helper;
  /** Path of the issuer without a slash at its end, `''` for the root. */
  readonly basePath: string;
}

const WAIT_FOR_OTHER_POST = { rounds: 200, milliseconds: 25 };
const WAIT_FOR_ANSWER = { rounds: 40, milliseconds: 25 };

/** The citizen's pages. Each post re-reads the journey, checks that its step is open, decides, and redirects. */
export function journeyRouter(ports: JourneyPorts): JourneyPaths {
  const router = journeyPaths();

  router.get('/journey/:uid', (ctx) => withJourney(ctx, async (journey) => seeOther(ctx, placeOf(journey))));

  router.get('/journey/:uid/stopped', (ctx) =>
    withJourney(ctx, async (journey) => {
      if (!journey.deadEnd || journey.outcome) return seeOther(ctx, placeOf(journey));
      show(ctx, journey, 'emta/error', deadEndPage(journey, await factsOf(ctx, journey, 'stopped')));
    }),
  );

  router.get('/journey/:uid/captcha.svg', (ctx) =>
    withJourney(ctx, async ({ captcha, step }) => {
      if (!captcha || step !== 'captcha') return notFound(ctx);
      ctx.type = 'image/svg+xml';
      ctx.body = drawCaptcha(captcha.text, seededRandom(`${captcha.text}${captcha.at}`));
    }),
  );

  router.get('/journey/:uid/captcha.wav', (ctx) =>
    withJourney(ctx, async ({ captcha, step, lang }) => {
      if (!captcha || step !== 'captcha') return notFound(ctx);
      ctx.type = 'audio/wav';
      ctx.body = speakCaptcha(captcha.text, lang);
    }),
  );

  for (const step of steps) {
    router.get(`/journey/:uid/${step.name}`, (ctx) =>
      withJourney(ctx, async (found) => {
        const journey = await inLanguage(ctx, found);
        if (!isOpen(step.name, journey)) return seeOther(ctx, placeOf(journey));
        const page = stepPage(step.name, journey, await factsOf(ctx, journey, step.name));
        show(ctx, journey, page.name, page.model);
      }),
    );
    router.post(`/journey/:uid/${step.name}`, (ctx) => act(ctx, step.name, step.decide));
    for (const [action, decide] of Object.entries(step.actions)) {
      router.post(`/journey/:uid/${step.name}/${action}`, (ctx) => act(ctx, step.name, decide));
    }
  }

  router.post('/journey/:uid/leave', (ctx) =>
    act(ctx, undefined, async (_input, journey) => ({ kind: 'deny', journey, reason: reasonForLeaving(journey) })),
  );

  const { helper } = ports;
  if (helper) {
    router.post('/journey/:uid/helper', (ctx) => {
      const page = helperPageOf(ctx.query.at);
      if (!page) return notFound(ctx);
      const { act: shortCut, fault = '' } = inputOf(ctx);
      const told = shortCut === 'fault' ? `?${new URLSearchParams({ armed: fault })}` : '';
      return act(ctx, stepOf(page), (input, journey) => helper.act(page, input, journey), `/${page}${told}`);
    });
  }

  return router;

  /** Lets one post act; the others of the same moment end where it ends. `place` is what to show then, where that is not the open step. */
  async function act(ctx: Context, name: StepName | undefined, decide: Step, place?: string): Promise<void> {
    await withJourney(ctx, async (journey) => {
      const input = inputOf(ctx);
      const [token, copy] = (input.csrf ?? '').split('.');
      if (token !== journey.csrf || !copy) return badRequest(ctx, journey.lang);
      const form = printOf(ctx.path, input);
      if (journey.returnTo || (name && !isOpen(name, journey))) return seeOther(ctx, placeOf(journey));
      if (!(await ports.journeys.claim(journey, form))) return seeOther(ctx, await placeAfterOtherPost(journey, form));
      try {
        const seen = name && !place ? { ...journey, step: name } : journey;
        await follow(ctx, journey, await decide(input, seen, ports.stepsFor(journey)), place);
      } catch (error) {
        await ports.journeys.release(journey, form);
        throw error;
      }
    });
  }

  async function follow(ctx: Context, before: Journey, outcome: Outcome, place?: string): Promise<void> {
    const { journey } = outcome;
    switch (outcome.kind) {
      case 'render':
      case 'advance':
        if (journey.step === 'consent' && before.step !== 'consent' && (await isGranted(ctx, journey))) {
          return end(ctx, { ...journey, version: before.version }, 'granted', await grant(ctx, journey));
        }
        await ports.journeys.write({ ...journey, version: before.version });
        await note(before, journey, outcome.kind);
        return seeOther(ctx, place ? `${pathOf(journey)}${place}` : placeOf(journey));
      case 'finish':
        return end(ctx, before, 'granted', await grant(ctx, journey));
      case 'deny': {
        const { reason } = outcome;
        if (ports.steps.rules.carrier === 'page' && reason === 'consent_refused') {
          const deadEnd = { reason, message: 'emta.return.refused', params: { client: journey.clientName } };
          await ports.journeys.write({ ...journey, version: before.version, deadEnd });
          return seeOther(ctx, `${pathOf(journey)}/stopped`);
        }
        return end(ctx, before, reason, await ports.interactions.deny(ctx.req, ctx.res, errorOf(reason, journey)));
      }
    }
  }

  function isGranted(ctx: Context, journey: Journey): Promise<boolean> {
    return ports.interactions.isGranted(ctx.req, ctx.res, journey);
  }

  function grant(ctx: Context, journey: Journey): Promise<string> {
    return ports.interactions.grant(ctx.req, ctx.res, journey);
  }

  async function end(ctx: Context, before: Journey, outcome: 'granted' | Reason, returnTo: string): Promise<void> {
    const journey: Journey = { ...before, outcome, returnTo };
    await ports.journeys.write(journey);
    await note(before, journey, 'end');
    seeOther(ctx, returnTo);
  }

  async function note(before: Journey, after: Journey, kind: string): Promise<void> {
    await ports.journal.note({
      kind: 'step',
      journey: before.uid,
      clientId: before.clientId,
      data: {
        step: before.step,
        decision: kind,
        next: after.step,
        ...(after.mobile && { mobile: after.mobile }),
        ...(after.deadEnd && { dead_end: after.deadEnd.reason }),
        ...(after.outcome && { outcome: after.outcome }),
        errors: after.misses?.errors.map(({ key }) => key) ?? [],
      },
    });
  }

  /** Finds the journey whose cookie this browser holds; anybody else gets the page of an ended one. */
  async function withJourney(ctx: Context, use: (journey: Journey) => Promise<void>): Promise<void> {
    const uid = String(ctx.params.uid);
    const journey = await ports.journeys.get(uid);
    // As long as the journey is under way, the signed cookie says all; oidc-provider need not be asked.
    const isUnderWay = journey !== undefined && !journey.outcome;
    const held = isUnderWay ? ports.interactions.heldUid(ctx.req) : await ports.interactions.uidOf(ctx.req, ctx.res);
    const { clock, rules } = ports.steps;
    if (!journey) return held ? notFound(ctx) : expired(ctx, undefined);
    if (journey.outcome && ports.interactions.heldUid(ctx.req) === uid) {
      const answer = await lastAnswer(uid);
      if (answer) return answerAgain(ctx, answer);
    }
    const isOver = clock.now() - journey.startedAt >= rules.journeyTtl * 1000;
    if (held !== uid || isOver) return expired(ctx, journey);
    await use(journey);
  }

  /** Waits a little for an answer that is being made; a browser that asked twice would go round in circles. */
  async function lastAnswer(uid: string): Promise<LastAnswer | undefined> {
    for (let round = 0; round < WAIT_FOR_ANSWER.rounds; round += 1) {
      const answer = await ports.journeys.lastAnswer(uid);
      if (answer || !(await ports.interactions.isBeingAnswered(uid))) return answer;
      await new Promise((resolve) => setTimeout(resolve, WAIT_FOR_ANSWER.milliseconds));
    }
    return undefined;
  }

  async function placeAfterOtherPost(journey: Journey, form: string): Promise<string> {
    const acted = (await ports.journeys.actedOn(journey, form)) ?? journey.version;
    for (let round = 0; round < WAIT_FOR_OTHER_POST.rounds; round += 1) {
      const now = await ports.journeys.get(journey.uid);
      if (now && now.version > acted) return placeOf(now);
      await new Promise((resolve) => setTimeout(resolve, WAIT_FOR_OTHER_POST.milliseconds));
    }
    return placeOf(journey);
  }

  async function inLanguage(ctx: Context, journey: Journey): Promise<Journey> {
    const lang = ctx.query.lang;
    if ((lang !== 'fa' && lang !== 'en') || lang === journey.lang) return journey;
    const changed: Journey = { ...journey, lang };
    if (await ports.journeys.claim(journey, ports.steps.random.id())) await ports.journeys.write(changed);
    return changed;
  }

  async function factsOf(ctx: Context, journey: Journey, page: HelperPage): Promise<PageFacts> {
    const path = pathOf(journey);
    // The second part tells a form that is sent twice from two that say the same.
    const csrf = `${journey.csrf}.${ports.steps.random.id()}`;
    return {
      path,
      csrf,
      rules: ports.steps.rules,
      asksIdentity: page === 'verification' && (await enrolledOwner(journey, ports.steps)) === undefined,
      resendIn: secondsToWait(journey, ports.steps),
      ...(await siteOf(journey)),
      otherLanguage: `${ctx.path}?lang=${journey.lang === 'fa' ? 'en' : 'fa'}`,
      ...(helper && { helper: await helper.strip(page, journey, { path, csrf, armed: armedOf(ctx) }) }),
    };
  }

  /** What pages call the relying party, and where it is. */
  async function siteOf({ clientId, clientName, lang, redirectUri }: Journey) {
    const client = await ports.clients.find(clientId);
    return {
      clientName: client ? nameOfClient(client, lang) : clientName,
      siteAddress: client?.client_uri ?? `${new URL(redirectUri).origin}/`,
    };
  }

  function pathOf({ uid }: Journey): string {
    return `${ports.basePath}/journey/${uid}`;
  }

  function placeOf(journey: Journey): string {
    return journey.returnTo ?? `${pathOf(journey)}/${journey.deadEnd ? 'stopped' : journey.step}`;
  }

  function show<Name extends keyof Pages>(
    ctx: Context,
    { lang }: Pick<Journey, 'lang'>,
    name: Name,
    model: Pages[Name],
  ): void {
    showPage(ctx, ports.render, { lang, name, model });
  }

  function answerAgain(ctx: Context, answer: LastAnswer): void {
    if ('location' in answer) {
      seeOther(ctx, answer.location);
      return;
    }
    ctx.type = 'html';
    ctx.body = answer.page;
  }

  /** Leads back to the site's own address, without an answer to it. */
  async function expired(ctx: Context, journey: Journey | undefined): Promise<void> {
    ctx.status = 410;
    const lang = journey?.lang ?? 'fa';
    const site = journey && (await siteOf(journey));
    const page: ErrorPage = {
      reason: 'expired',
      title: { key: 'emta.error.title' },
      message: site
        ? { key: 'emta.error.expired', params: { client: site.clientName } }
        : { key: 'emta.error.bad_request' },
      actions: [],
      ...(site && { exit: { kind: 'link' as const, client: site.clientName, href: site.siteAddress } }),
    };
    show(ctx, { lang }, 'emta/error', page);
  }

  function badRequest(ctx: Context, lang: Journey['lang']): void {
    ctx.status = 403;
    const page: ErrorPage = {
      reason: 'bad_request',
      title: { key: 'emta.error.title' },
      message: { key: 'emta.error.bad_request' },
      actions: [],
    };
    show(ctx, { lang }, 'emta/error', page);
  }
}

const PAGES: readonly HelperPage[] = ['mobile', 'captcha', 'verification', 'consent', 'stopped'];

function helperPageOf(at: unknown): HelperPage | undefined {
  return PAGES.find((page) => page === at);
}

function armedOf({ query }: Context): string | undefined {
  return typeof query.armed === 'string' ? query.armed : undefined;
}

function stepOf(page: HelperPage): StepName | undefined {
  return page === 'stopped' ? undefined : page;
}

function notFound(ctx: Context): void {
  ctx.status = 404;
}

function seeOther(ctx: Context, location: string): void {
  ctx.status = 303;
  ctx.res.setHeader('Location', location.startsWith('/') ? location : new URL(location).href);
  ctx.body = '';
}

/** The same for a form that is sent twice as it is, which is a double press and no second try. */
function printOf(path: string, input: Input): string {
  return hash('sha256', JSON.stringify([path, input]), 'base64url');
}

/** Single text values of the form; a field that comes twice counts as its first. */
function inputOf(ctx: Context): Input {
  const { body } = ctx.request as { readonly body?: Readonly<Record<string, unknown>> };
  return Object.fromEntries(
    Object.entries(body ?? {}).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  );
}
