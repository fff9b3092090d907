import type { EmtaControl } from './emta-control.ts';
import type { Jar } from './jar.ts';
import type { Field, Form, Page } from './page.ts';
import { nationalForm, type Person } from './person.ts';
import { joined, type PlannedRequest, type StepOptions, submission, type Trace, type UserAgent } from './user-agent.ts';

export type JourneyPage = 'mobile' | 'captcha' | 'verification' | 'consent';

/** What a citizen means to do at Emta. */
export interface WalkPlan {
  readonly consent?: 'grant' | 'refuse';
  /** Presses the exit «بازگشت به …» on this page. */
  readonly leaveAt?: JourneyPage;
  /** Types wrong SMS codes until Emta has had enough. */
  readonly exhaustsTries?: boolean;
  /** Types another number than his own. */
  readonly mobile?: string;
  /** How many journeys he goes through when the relying party sends him back to Emta; one unless said. */
  readonly journeys?: number;
}

export interface WalkTools {
  readonly agent: UserAgent;
  readonly control: Pick<EmtaControl, 'journey'>;
}

/** No journey takes more steps than this, wrong codes and a dead end included. */
const STEPS = 24;

export const uidOf = (url: string): string | undefined => /\/journey\/([^/?#]+)/.exec(new URL(url).pathname)?.[1];

/** Whether a page is one of Emta's own: a step of a journey, or a page it puts in the place of an answer. */
export const isJourneyPage = (page: Page | undefined, issuer: string): page is Page =>
  page?.url.startsWith(new URL(issuer).origin) === true &&
  (uidOf(page.url) !== undefined || page.data.page !== undefined);

const pageName = (page: Page): string => page.data.page ?? '';

function formWith(page: Page, testId: string): { readonly form: Form; readonly button: Field } | undefined {
  for (const form of page.forms) {
    const button = form.fields.find((field) => field.testId === testId);
    if (button !== undefined) return { form, button };
  }
  return undefined;
}

const press = (
  page: Page,
  testId: string,
  values: Readonly<Record<string, string>> = {},
): PlannedRequest | undefined => {
  const found = formWith(page, testId);
  return found === undefined
    ? undefined
    : submission(found.form, values, found.button.type === 'submit' ? found.button : undefined);
};

/** The exit of any page; on a dead end it is the only way on. */
function exitOf(page: Page): PlannedRequest | undefined {
  const leave = press(page, 'leave');
  if (leave !== undefined) return leave;
  const href = page.select('[data-testid="leave"]', 'href');
  if (href !== undefined && href !== '') return { method: 'GET', url: new URL(href, page.url).href };
  const form = page.forms.find(({ action }) => action.endsWith('/leave'));
  return form === undefined ? undefined : submission(form);
}

/** What this citizen does on this page; undefined when nothing is left to do. */
async function nextAct(
  page: Page,
  person: Person,
  plan: WalkPlan,
  tools: WalkTools,
): Promise<PlannedRequest | undefined> {
  const name = pageName(page);
  const uid = uidOf(page.url);
  if (uid === undefined) return exitOf(page);
  if (plan.leaveAt === name) return exitOf(page);
  switch (name) {
    case 'mobile':
      return press(page, 'mobile-continue', { mobile: nationalForm(plan.mobile ?? person.mobile) });
    case 'captcha': {
      const { captcha } = await tools.control.journey(uid);
      return captcha === undefined ? undefined : press(page, 'captcha-continue', { captcha });
    }
    case 'verification': {
      const { code } = await tools.control.journey(uid);
      if (plan.exhaustsTries === true) {
        if (code === undefined) return press(page, 'resend') ?? exitOf(page);
        const wrong = code.replace(/\d/g, (digit) => String((Number(digit) + 5) % 10));
        return press(page, 'verification-submit', verificationOf(person, wrong)) ?? exitOf(page);
      }
      return code === undefined ? undefined : press(page, 'verification-submit', verificationOf(person, code));
    }
    case 'consent':
      return press(page, plan.consent === 'refuse' ? 'consent-refuse' : 'consent-grant');
    default:
      return exitOf(page);
  }
}

function verificationOf(person: Person, code: string): Readonly<Record<string, string>> {
  const [birthYear = '', birthMonth = '', birthDay = ''] = person.birthJalali.split('/');
  return {
    code,
    national_code: person.nationalCode,
    birth_year: birthYear,
    birth_month: birthMonth,
    birth_day: birthDay,
  };
}

/** Goes on from a page of Emta until it lets the browser go, or the plan is done. All hops are kept, in order. */
export async function walkJourney(
  jar: Jar,
  arrived: Trace,
  person: Person,
  plan: WalkPlan,
  tools: WalkTools & { readonly issuer: string },
  step: Pick<StepOptions, 'holdBefore'> = {},
): Promise<Trace> {
  let trace = arrived;
  const walked = new Set<string>();
  for (let count = 0; count < STEPS && isJourneyPage(trace.page, tools.issuer); count += 1) {
    const { page } = trace;
    const uid = uidOf(page.url);
    if (uid !== undefined) walked.add(uid);
    if (walked.size > (plan.journeys ?? 1)) return trace;
    const next = await nextAct(page, person, plan, tools);
    if (next === undefined) return trace;
    const more = await tools.agent.visit(jar, next, { from: page.url, cause: 'form', ...step });
    trace = joined(trace, more);
    if (more.ending.kind !== 'page') return trace;
  }
  return trace;
}
