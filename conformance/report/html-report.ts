import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJalaali } from 'jalaali-js';
import nunjucks from 'nunjucks';
import { capabilityWords } from '../capability-words.ts';
import { belongsTo, groups, loadCatalogue, type Row } from '../catalogue.ts';
import { denying } from '../certification.ts';
import { placeholdersIn, readIn } from '../observe/needles.ts';
import { loadRequirements } from '../requirements.ts';
import { caseNamed, type Told } from '../told.ts';
import { type CaseEvidence, type HopEvidence, type Oracle, type VerdictName, verdictNames } from '../verdict.ts';
import { quoted } from './command.ts';
import { findingOf } from './finding.ts';
import type { Report, ReportRow } from './report.ts';

export type ReportLanguage = 'fa' | 'en';

const views = fileURLToPath(new URL('../../views/', import.meta.url));

/** The rows that answer an auditor's questions about the circular, in its order. */
const paths = {
  refusal: ['C01', 'C02', 'C03', 'C07', 'C08', 'C09', 'C16', 'C21', 'C22', 'C23', 'R12'],
  mismatch: [
    'D01',
    'D02',
    'D03',
    'D04',
    'D05',
    'D06',
    'D07',
    'D08',
    'D09',
    'D10',
    'D11',
    'D12',
    'D13',
    'D14',
    'D15',
    'D16',
  ],
  exit: ['C10', 'C11', 'C12', 'C13'],
  bypass: ['A04', 'R03', 'R04', 'R05'],
  success: ['A02', 'A03', 'B10', 'B11', 'R02'],
} as const;

const sections = ['paths', 'findings', 'groups', 'coverage', 'inapplicable', 'baseline', 'data', 'limits'];
/** As many as the first page holds; the others stand among the findings. */
const shownReasons = 12;
const persianZero = 0x06f0;

type Texts = Readonly<Record<string, string>>;

const readTexts = (name: string): Texts =>
  JSON.parse(readFileSync(`${views}report/messages/${name}.json`, 'utf8')) as Texts;

const digits = (lang: ReportLanguage, text: string): string =>
  lang === 'fa' ? text.replaceAll(/\d/g, (digit) => String.fromCharCode(persianZero + Number(digit))) : text;

/** `1404/12/09` in Persian, `2026-02-28` in English. */
function dayIn(lang: ReportLanguage, date: Date): string {
  if (lang === 'en') return date.toISOString().slice(0, 'yyyy-mm-dd'.length);
  const { jy, jm, jd } = toJalaali(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return digits(lang, `${jy}/${String(jm).padStart(2, '0')}/${String(jd).padStart(2, '0')}`);
}

/** Iran keeps UTC+3:30 all year since 1401. */
const tehranOffset = 3.5 * 60 * 60 * 1000;

/** Day and clock of an instant: Tehran's in Persian, UTC in English. */
function timeIn(lang: ReportLanguage, iso: string): { readonly day: string; readonly clock: string } {
  const local = new Date(Date.parse(iso) + (lang === 'fa' ? tehranOffset : 0));
  return { day: dayIn(lang, local), clock: digits(lang, local.toISOString().slice(11, 16)) };
}

/** Left to right by itself, whatever stands about it. */
const leftToRight = (text: string): string => `\u2066${text}\u2069`;

/**
 * Codes, names of parameters and words like OpenID Connect within a Persian sentence, signs at their edges among them
 * and its own full stop not; or what is kept apart already.
 */
const latinRun =
  /[\u2066-\u2068][^\u2069]*\u2069|(?=[!_\d-]*[A-Za-z])[!_-]*[A-Za-z\d](?:[\w.:/=-]*[\w/=-])?(?: [A-Za-z\d](?:[\w.:/=-]*[\w/=-])?)*/g;
const isKeptApart = /^[\u2066-\u2068]/;

const latinApart = (text: string): string =>
  text.replaceAll(latinRun, (run) => (isKeptApart.test(run) ? run : leftToRight(run)));

/** A number with stars in its middle: they would turn its two ends around in a Persian line. */
const maskedNumber = /[+\d۰-۹٠-٩]+\*+[\d۰-۹٠-٩]+/g;
const numbersApart = (text: string): string => text.replaceAll(maskedNumber, leftToRight);

/** Clauses that say nothing to those who do not know where they come from. */
const clauseOf = { scheme: 'scheme ', spid: 'SPID', circular: 'circular' } as const;
const legends = ['scheme', 'spid', 'circular'] as const;

interface ProsePart {
  readonly text: string;
  readonly isCode: boolean;
}

/** A text of the catalogue with what stands between backticks as code. */
const proseOf = (text: string): readonly ProsePart[] =>
  text
    .split('`')
    .map((part, index) => ({ text: part, isCode: index % 2 === 1 }))
    .filter((part) => part.text !== '');

/** The rows of the catalogue that this run left out: not in its profile, or not among those that were chosen. */
const outsideOf = ({ header, rows }: Report) =>
  loadCatalogue()
    .filter(({ id }) => rows.every((row) => row.id !== id))
    .map((row) => ({ ...row, why: belongsTo(row, header.profile) ? 'only' : 'profile' }));

/** Everything a page in one language needs. */
function documentIn(lang: ReportLanguage, isFirst: boolean, report: Report) {
  const texts = readTexts(lang);
  const duties = lang === 'fa' ? readTexts('duties-fa') : {};
  const demands = lang === 'fa' ? readTexts('requirements-fa') : {};
  const clauses = lang === 'fa' ? readTexts('clauses-fa') : {};
  const demanded = readTexts(lang === 'fa' ? 'rows-fa' : 'rows-en');
  const requirements = loadRequirements();
  const rowOf = (id: string) => report.rows.find((row) => row.id === id) ?? null;
  const withFinding = (rows: readonly ReportRow[]) => rows.map((row) => ({ row, finding: findingOf(row) }));
  const of = (...verdicts: readonly VerdictName[]) => report.rows.filter((row) => verdicts.includes(row.verdict));
  // The first language has the plain anchors, so that a link such as report.html#C08 leads there.
  const anchor = (name: string) => (isFirst ? name : `${lang}-${name}`);
  const apart = (text: string) => (lang === 'fa' ? latinApart(text) : text);
  const outside = outsideOf(report);
  const denies = (row: ReportRow) => denying.includes(row.severity) && !row.excused;
  const deviations = of('fail', 'warn', 'accepted-by-tls').filter((row) => row.verdict !== 'fail' || !denies(row));
  const findings = [
    { name: 'fail', rows: withFinding(of('fail').filter(denies)) },
    { name: 'inconclusive', rows: withFinding(of('inconclusive')) },
    { name: 'deviations', rows: withFinding(deviations) },
  ];
  return {
    lang,
    dir: lang === 'fa' ? 'rtl' : 'ltr',
    name: new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang,
    anchor,
    t(key: string, params: Texts = {}): string {
      const text = texts[key];
      if (text === undefined) throw new Error(`no report text "${key}" in ${lang}`);
      return apart(text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole));
    },
    told: (text: Told) => numbersApart(apart(text[lang])),
    seen: (text: string) => numbersApart(readIn(lang, text)),
    clause: (text: string) => clauses[text] ?? text,
    duty: (row: Pick<Row, 'id' | 'title'>) => apart(duties[row.id] ?? row.title),
    /** What a failure of the row does to people: its own words, or those of its group. */
    harmOf: ({ id, group }: ReportRow) => (`report.harm.${id}` in texts ? id : group),
    legend: legends.filter((name) =>
      report.rows.some(({ clauses }) => clauses.some((one) => one.startsWith(clauseOf[name]))),
    ),
    prose: (text: string) => proseOf(demanded[text] ?? text),
    isRequirement: (clause: string) => requirements.some(({ id }) => id === clause),
    number: (value: number | string) =>
      digits(lang, lang === 'fa' ? String(value).replace('.', '\u066b') : String(value)),
    time: (iso: string) => timeIn(lang, iso),
    day: (iso: string) => dayIn(lang, new Date(iso)),
    sections,
    counts: verdictNames
      .map((verdict) => ({ verdict, count: report.footer.counts[verdict] }))
      .filter(({ count }) => count > 0),
    paths: Object.entries(paths).map(([name, ids]) => {
      const known = ids.flatMap((id) => rowOf(id) ?? []);
      const rows = known.filter((row) => row.verdict !== 'not-applicable');
      const passed = rows.filter((row) => row.verdict === 'pass').length;
      const state = rows.some((row) => row.verdict === 'fail' && !row.excused)
        ? 'bad'
        : rows.length > 0 && passed === rows.length
          ? 'good'
          : 'open';
      return {
        name,
        rows: rows.map(pathRow),
        total: rows.length,
        passed,
        state,
        inapplicable: known.filter((row) => row.verdict === 'not-applicable'),
        outside: outside.filter(({ id }) => ids.some((one) => one === id)),
      };
    }),
    deviations,
    reasons: report.footer.reasons.slice(0, shownReasons).map((text) => ({
      text,
      row: rowOf(/^([A-Z]\d\d) \(/.exec(text.en)?.[1] ?? ''),
    })),
    moreReasons: Math.max(0, report.footer.reasons.length - shownReasons),
    findings: findings.filter(({ rows }) => rows.length > 0),
    groups: Object.keys(groups).flatMap((id) => {
      const rows = report.rows.filter((row) => row.group === id);
      return rows.length === 0 ? [] : [{ id, rows }];
    }),
    coverage: requirements.map((requirement) => ({
      ...requirement,
      requirement: apart(demands[requirement.id] ?? requirement.requirement),
      rows: requirement.rows.map((id) => ({ id, row: rowOf(id) })),
    })),
    inapplicable: of('not-applicable'),
    outside,
    capabilities: report.header.capabilities.map(({ name, source, taken }) => ({
      name,
      source,
      words: capabilityWords[name][taken ? 'yes' : 'no'],
    })),
    contradictions: [
      ...report.header.contradictions,
      ...report.header.capabilities.flatMap(({ contradiction }) => contradiction ?? []),
    ],
  };
}

const shownOracles = 4;
const longestSight = 240;

/** A row of a rejection path as an auditor asks for it: what the site did, and the page that a person saw. */
function pathRow(row: ReportRow) {
  const { cases = [] } = row;
  const sameAs = (a: Oracle) => (b: Oracle) =>
    a.expected.en === b.expected.en && a.observed.en === b.observed.en && a.during?.en === b.during?.en;
  const oracles = row.oracles
    .filter((oracle, index) => row.oracles.findIndex(sameAs(oracle)) === index)
    .toSorted((a, b) => Number(a.during !== undefined) - Number(b.during !== undefined));
  const page = cases.find((kase) => kase.page !== undefined)?.page;
  return {
    row,
    oracles: oracles.slice(0, shownOracles),
    page: page === undefined ? null : { ...page, url: shortUrl(page.url), text: shortened(page.text, longestSight) },
    variants: cases.length,
  };
}

/** Cut between two words, where there are any. */
const shortened = (text: string, longest: number): string =>
  text.length > longest
    ? `${text
        .slice(0, longest + 1)
        .replace(/(?<=\S)\s+\S*$/, '')
        .slice(0, longest)}…`
    : text;

const longestValue = 20;
const longestLine = 220;
const longestText = 700;

/** An address whose long parameters are cut; the JSON report has them whole. */
const shortUrl = (url: string): string =>
  url.replaceAll(/(?<=[?&][\w.-]+=)[^&#\s]+/g, (value) =>
    value.length > longestValue ? `${value.slice(0, longestValue / 2)}…` : value,
  );

const shortLine = (text: string): string => {
  const [line = ''] = shortUrl(text).split('\n');
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
};

interface ShownHop {
  /** Steps left out in a row; the other members are empty then. */
  readonly skipped: number;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly location: string;
  readonly cookies: string;
}

/** The browser's steps with the walk through Emta's own pages told in one line. */
function shownHops(hops: readonly HopEvidence[], issuer: string): readonly ShownHop[] {
  const isEmtaPage = (url: string) => url.startsWith(`${issuer}/journey/`);
  const shown: ShownHop[] = [];
  for (const [index, hop] of hops.entries()) {
    const last = shown.at(-1);
    if (isEmtaPage(hop.url)) {
      if (last !== undefined && last.skipped > 0) shown[shown.length - 1] = { ...last, skipped: last.skipped + 1 };
      else shown.push({ skipped: 1, method: '', url: '', status: 0, location: '', cookies: '' });
      continue;
    }
    const location = hop.location ?? '';
    const isFollowed = location !== '' && hops[index + 1]?.url === new URL(location, hop.url).href;
    const own = hop.url.startsWith(issuer) ? [] : hop.cookies;
    shown.push({
      skipped: 0,
      method: hop.method,
      url: shortUrl(hop.url),
      status: hop.status,
      location: isFollowed || isEmtaPage(`${issuer}${location}`) ? '' : shortUrl(location),
      cookies: own.join(' | '),
    });
  }
  return shown;
}

/** What was seen, row by row; on paper only the rejection paths and what did not pass. */
function shownEvidence(report: Report) {
  const asked: readonly string[] = Object.values(paths).flat();
  const { issuer } = report.header.emta;
  const shownIn = new Map<string, ReportRow>();
  return report.rows.flatMap((row) => {
    if (row.cases === undefined) return [];
    const isQuiet = row.verdict === 'pass' && !asked.includes(row.id);
    const cases = row.cases.map((kase) => {
      // Rows that are judged by the same walk show it once, each with the page of its own.
      const first = (...what: readonly unknown[]) => {
        const key = JSON.stringify(what);
        const sameAs = shownIn.get(key);
        // The steps of rows that passed are not on paper, where those of a finding must not send the reader to them.
        const isShown = sameAs !== undefined && (sameAs.verdict !== 'pass' || row.verdict === 'pass');
        if (!isShown) shownIn.set(key, row);
        return isShown ? sameAs.id : null;
      };
      const sameAs = first(kase.hops, kase.exchanges);
      const isKnown = first(kase.hops, kase.exchanges, kase.page) !== null;
      const shown = shownCase(kase, issuer, !isQuiet);
      return { ...shown, sameAs, page: isKnown ? null : shown.page };
    });
    return [{ row, cases, isQuiet }];
  });
}

function shownCase(kase: CaseEvidence, issuer: string, isPictured: boolean) {
  const { page } = kase;
  return {
    label: caseNamed(kase.label),
    hops: shownHops(kase.hops, kase.issuer ?? issuer),
    journeys: [...new Set(kase.exchanges.flatMap(({ journey }) => journey ?? []))],
    issuer: kase.issuer ?? null,
    exchanges: kase.exchanges.map((exchange) => ({
      exchange: exchange.exchange,
      endpoint: exchange.endpoint,
      request: shortLine(exchange.request),
      response: shortLine(exchange.response),
      delivered: exchange.delivered.join(', '),
    })),
    page:
      page === undefined
        ? null
        : {
            ...page,
            parts: placeholdersIn(numbersApart(shortened(page.text, longestText))),
            picture: isPictured ? (page.picture ?? null) : null,
          },
  };
}

/** A string of CSS that holds any text: all but letters, digits and spaces by their numbers. */
const cssString = (text: string): string =>
  `"${text.replaceAll(/[^\p{L}\p{N} ]/gu, (sign) => `\\${sign.codePointAt(0)?.toString(16)} `)}"`;

const hashEnd = 12;

/** What stands at the foot of each printed page, so that a single sheet says where it belongs. */
function pageFoot({ lang, t, time }: ReturnType<typeof documentIn>, { header, footer }: Report): string {
  const { name, version } = header.relying_party;
  const parts = [
    `${name} ${version}`,
    t(`report.outcome.${footer.verdict}`),
    time(header.started_at).day,
    `…${footer.hash.slice(-hashEnd)}`,
  ];
  const style = lang === 'fa' ? ', persian' : '';
  const text = cssString(`${parts.map((part) => `\u2068${part}\u2069`).join(' | ')} | `);
  return `{@bottom-center{content:${text} counter(page${style}) " / " counter(pages${style})}}`;
}

/** Persian pages are named in the style sheet; all others are plain ones. */
const pageFeet = (documents: readonly ReturnType<typeof documentIn>[], report: Report): string =>
  documents
    .map((doc) => `@page ${doc.lang === 'fa' && documents.length > 1 ? 'persian' : ''}${pageFoot(doc, report)}`)
    .join('\n');

/** The style sheet with the Persian letters inside it: the file must read the same on any machine, without a network. */
function styleSheet(feet: string): string {
  const font = readFileSync(`${views}assets/fonts/vazirmatn.woff2`).toString('base64');
  const face = `@font-face{font-family:"Vazirmatn";font-weight:100 900;src:url("data:font/woff2;base64,${font}") format("woff2")}`;
  return `${face}\n${readFileSync(`${views}report/report.css`, 'utf8')}\n${feet}`;
}

export interface HtmlOptions {
  /** Persian and English when left out. */
  readonly languages?: readonly ReportLanguage[];
  /** Of the key that signed the JSON report; nothing where none was written. */
  readonly fingerprint?: string;
  /** The JSON report that was written beside this page, as it was named. */
  readonly reportFile?: string;
}

/** The report as one HTML file without scripts, in Persian, English or both. */
export function htmlReport(
  report: Report,
  { languages = ['fa', 'en'], fingerprint, reportFile }: HtmlOptions = {},
): string {
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(views), {
    autoescape: true,
    throwOnUndefined: true,
    trimBlocks: false,
  });
  const documents = languages.map((lang, index) => documentIn(lang, index === 0, report));
  const milliseconds = Date.parse(report.header.finished_at) - Date.parse(report.header.started_at);
  return environment.render('report/report.njk', {
    report,
    documents,
    evidence: shownEvidence(report),
    fingerprint: fingerprint ?? null,
    reportFile: reportFile ?? null,
    verify: `npx emta verify-report ${quoted(reportFile ?? 'FILE')}`,
    seconds: (milliseconds / 1000).toFixed(1),
    spent: report.header.spent.map((part) => ({ on: part.on, seconds: (part.milliseconds / 1000).toFixed(1) })),
    css: new nunjucks.runtime.SafeString(styleSheet(pageFeet(documents, report))),
  });
}
