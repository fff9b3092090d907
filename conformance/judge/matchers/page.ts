import { blanked } from '../../observe/needles.ts';
import { endOf, isAnswered } from '../../observe/reading.ts';
import { showsSign } from '../../observe/sign.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { noSuchStep } from './steps.ts';

const nameOf = (which: 'refusal' | 'mismatch'): Told => (which === 'refusal' ? told`refusal` : told`mismatch`);

const longestWords = 120;

/** What a page says for itself: without the words that both begin with, such as a banner, and cut between two words. */
export function toldOn(page: { readonly text: string }, other: { readonly text: string }): string {
  const [words, others] = [page.text.split(/\s+/), other.text.split(/\s+/)];
  const begin = words.findIndex((word, index) => word !== others[index]);
  const own = words.slice(Math.max(0, begin)).join(' ');
  const shown = own.length > longestWords ? `${own.slice(0, longestWords + 1).replace(/\s\S*$/, '')}…` : own;
  return own.length < page.text.length ? `…${shown}` : shown;
}

/** The pages of two steps tell the citizen different things. */
export const pagesDiffer = (
  first: string,
  second: string,
  options: { readonly maySuit?: boolean; readonly isNamed?: boolean } = {},
): Matcher =>
  matcher('the pages tell two things apart', (seen) => {
    const expected =
      options.maySuit === true
        ? told`a text that fits, the same or another`
        : told`another phrase or element than after a refusal`;
    const [one, two] = [seen.traces[first]?.page, seen.traces[second]?.page];
    const trace = seen.traces[second];
    if (one === undefined || two === undefined || trace === undefined) return noSuchStep(seen, 'U', expected, second);
    if (one.isShell || two.isShell)
      return {
        kind: 'U',
        expected,
        observed: told`the pages draw themselves by script; use the browser driver`,
        where: endOf(trace),
        positive: false,
        points: 'unclear',
      };
    const { refusal, mismatch } = seen.setting.rp;
    const finding = (points: Finding['points'], observed: Told): Finding => ({
      kind: 'U',
      expected,
      observed,
      where: endOf(trace),
      positive: true,
      points,
    });
    if (options.maySuit === true) return finding('for', told`«${toldOn(two, one)}»`);
    if (options.isNamed === true && mismatch !== undefined) {
      // the owner said which words stand for which: each page must have its own
      if (refusal !== undefined && !showsSign(one, refusal))
        return finding('against', told`the refusal is told as «${toldOn(one, two)}»`);
      if (!showsSign(two, mismatch)) return finding('against', told`the mismatch is told as «${toldOn(two, one)}»`);
    }
    const needles = Object.values(seen.needles).flat();
    const text = (page: typeof one) => blanked(`${page.title} ${page.text}`, needles).replace(/\d+/g, '#');
    const isDifferent = text(one) !== text(two);
    return finding(
      isDifferent ? 'for' : 'against',
      isDifferent ? told`«${toldOn(two, one)}»` : told`the very same text`,
    );
  });

/** A page must not blame what did not happen. */
export const doesNotBlame = (which: readonly ('refusal' | 'mismatch')[], label = 'login'): Matcher =>
  matcher('the page blames nobody wrongly', (seen) => {
    const { rp } = seen.setting;
    const signs = which.flatMap((name) => (rp[name] === undefined ? [] : [{ name, sign: rp[name] }]));
    const page = seen.traces[label]?.page;
    const trace = seen.traces[label];
    if (signs.length === 0 || page === undefined || trace === undefined) return [];
    const blamed = signs.find(({ sign }) => showsSign(page, sign));
    return {
      kind: 'U',
      expected: told`a page without the words of ${listed(which.map(nameOf), 'or')}`,
      observed: blamed === undefined ? told`none of them` : told`the words of ${nameOf(blamed.name)}`,
      where: endOf(trace),
      positive: true,
      points: blamed === undefined ? 'for' : 'warn',
    };
  });

/** Language, direction, title, a way to retry and a way out. */
export const isKindly = (label: string, links: string): Matcher =>
  matcher('the refusal is told kindly', (seen) => {
    const trace = seen.traces[label];
    const page = trace?.page;
    const expected = told`the language and direction of the locale, a title, a link that starts the login again, one that leaves`;
    if (trace === undefined || page === undefined) return noSuchStep(seen, 'U', expected, label);
    const locale = seen.setting.rp.locale.toLowerCase();
    const wantsRtl = /^(?:fa|ar|he|ur|ps|ku|ckb)/.test(locale);
    const dirs = page.dir.toLowerCase();
    const tried = seen.links[links] ?? [];
    const findings = [
      [
        page.lang.toLowerCase().split('-')[0] === locale.split('-')[0],
        verbatim(`lang "${page.lang}"`),
        verbatim(`lang "${locale}"`),
      ],
      [
        wantsRtl ? dirs === 'rtl' : dirs !== 'rtl',
        verbatim(`dir "${page.dir}"`),
        verbatim(`dir ${wantsRtl ? 'rtl' : 'ltr'}`),
      ],
      [page.title !== '', told`title «${page.title}»`, told`a title`],
      [
        tried.some(({ leadsTo }) => leadsTo === 'emta'),
        told`links that start the login: ${tried.filter(({ leadsTo }) => leadsTo === 'emta').length} of ${tried.length}`,
        told`a link or button that starts the login again`,
      ],
      [
        tried.some(({ leadsTo }) => leadsTo === 'page') || tried.length > 1,
        told`links that leave: ${tried.filter(({ leadsTo }) => leadsTo === 'page').length} of ${tried.length}`,
        told`a link or button that leaves`,
      ],
    ] as const;
    return findings.map(
      ([isMet, observed, wanted]): Finding => ({
        kind: 'U',
        expected: wanted,
        observed,
        where: endOf(trace),
        positive: true,
        points: isMet ? 'for' : 'against',
      }),
    );
  });

/** What was seen of the callback leads somewhere; for rows that only report. */
export const noted = (label: string, expected: Told): Matcher =>
  matcher(expected.en, (seen) => {
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    return {
      kind: 'U',
      expected,
      observed: endOf(trace),
      where: endOf(trace),
      positive: isAnswered(trace),
      points: 'for',
    };
  });
