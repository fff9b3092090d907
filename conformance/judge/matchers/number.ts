import { haystackOf } from '../../observe/needles.ts';
import type { Seen } from '../../observe/seen.ts';
import { needlesOn, whereabouts } from '../../observe/whereabouts.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { wantsMobileStatus } from '../advice.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { noLook } from './steps.ts';

const isNumber = (what: string) => what.includes('mobile number');

function numberShown(seen: Seen, roles: readonly string[], labels: readonly string[]): string | undefined {
  for (const label of labels) {
    for (const trace of [seen.traces[label], seen.looks[label]?.page]) {
      const page = trace?.page;
      if (page === undefined || new URL(page.url).origin === seen.setting.emtaOrigin) continue;
      const found = needlesOn(seen, page.body);
      if (roles.some((role) => (found[role] ?? []).some(({ what }) => isNumber(what)))) return page.url;
    }
  }
  return undefined;
}

/** "Number unproven" of conformance.md, section 4. `roles`: whose numbers would give it away. */
export const numberUnproven = (
  options: {
    readonly roles?: readonly string[];
    readonly label?: string;
    readonly login?: string;
    /** What it is worth when the number is taken for proven. */
    readonly otherwise?: 'against' | 'warn';
    /** What it is worth when nobody can see what the number is taken for; by default what the profile says. */
    readonly unseen?: 'for';
  } = {},
): Matcher =>
  matcher('the number is not taken for proven', (seen) => {
    const label = options.label ?? 'after';
    const expected = told`nobody is signed in, or the number is not proven`;
    const reading = seen.looks[label];
    if (reading === undefined) return noLook(seen, 'P', expected, label);
    const read = whereabouts(seen, reading);
    const finding = (
      points: Finding['points'],
      observed: Told,
      where = read.evidence,
      kind: Finding['kind'] = read.kind,
    ): Finding => ({
      kind,
      expected,
      observed,
      where,
      positive: points !== 'unclear',
      points,
      ...(read.contradiction === undefined ? {} : { contradiction: read.contradiction }),
    });
    if (read.state === 'out') return finding('for', read.observed);
    const status = seen.mobileStatus[label];
    const statusUrl = verbatim(seen.setting.rp.mobileStatus?.url ?? '');
    if (status === 'verified')
      return finding(options.otherwise ?? 'against', told`mobile_status says the number is proven`, statusUrl, 'P');
    if (status === 'unverified')
      return finding('for', told`signed in, and mobile_status says the number is not proven`, statusUrl, 'P');
    if (status === 'unclear' || read.state === 'unclear')
      return finding('unclear', status === 'unclear' ? told`mobile_status cannot be read` : read.observed);
    const shown = numberShown(seen, options.roles ?? ['A'], [options.login ?? 'login', label]);
    if (shown !== undefined)
      return finding(
        options.otherwise ?? 'against',
        told`signed in with the number shown, and no mobile_status to say it is unproven; ${wantsMobileStatus(seen.setting)}`,
        verbatim(shown),
        'N',
      );
    return finding(
      options.unseen ?? (seen.setting.profile === 'core-must' ? 'warn' : 'against'),
      told`signed in with the number shown nowhere; without mobile_status nobody can see what the site takes it for; ${wantsMobileStatus(seen.setting)}`,
    );
  });

const anyMobile = /(?<![\d*])(?:(?:\+|00)?98|0)9\d{2}[\s-]?\d{3}[\s-]?\d{4}(?!\d)/g;
const plain = (number: string) => number.replace(/[\s-]/g, '').replace(/^(?:\+|00)?98|^0/, '');

/** A mobile number on the account that is not this citizen's, nor on the page for nobody. */
function strangeNumber(seen: Seen, role: string, label: string): string | undefined {
  const own = plain(seen.people[role]?.mobile ?? '');
  const body = (at: string) => haystackOf(seen.looks[at]?.page.page?.body ?? '');
  const usual = new Set((body('anonymous').match(anyMobile) ?? []).map(plain));
  return (body(label).match(anyMobile) ?? []).find((number) => plain(number) !== own && !usual.has(plain(number)));
}

/** The number is taken for proven, exactly this one; undecided where nobody can see it. */
export const numberProven = (role = 'A', label = 'after'): Matcher =>
  matcher('the number is proven', (seen) => {
    const expected = told`the account shows or reports the number of ${role}`;
    const status = seen.mobileStatus[label];
    const url = verbatim(seen.setting.rp.mobileStatus?.url ?? '');
    const shown = numberShown(seen, [role], ['login', label]);
    const strange = strangeNumber(seen, role, label);
    const finding = (kind: Finding['kind'], points: Finding['points'], observed: Told, where: Told): Finding => ({
      kind,
      expected,
      observed,
      where,
      positive: points !== 'unclear',
      points,
    });
    if (strange !== undefined)
      return finding('N', 'against', told`"${strange}"`, verbatim(seen.setting.rp.protectedUrl));
    if (status === 'unverified') return finding('P', 'against', told`mobile_status says the number is not proven`, url);
    if (shown !== undefined) return finding('N', 'for', told`it is shown`, verbatim(shown));
    if (status === 'verified') return finding('P', 'for', told`mobile_status says the number is proven`, url);
    return finding(
      'N',
      'unclear',
      told`the number is shown nowhere; ${wantsMobileStatus(seen.setting)}`,
      verbatim(label),
    );
  });
