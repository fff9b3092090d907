import { excuseOf } from '../baseline.ts';
import { groups } from '../catalogue.ts';
import type { Outcome } from '../certification.ts';
import type { Told } from '../told.ts';
import { type VerdictName, verdictNames } from '../verdict.ts';
import { findingOf } from './finding.ts';
import { type Paint, paint } from './paint.ts';
import type { Report, ReportRow } from './report.ts';

const outcomeWords: Readonly<Record<Outcome, string>> = {
  certified: 'CERTIFIED',
  'not-certified': 'NOT CERTIFIED',
  inconclusive: 'INCONCLUSIVE',
  partial: 'ONLY SOME ROWS, CERTIFIES NOTHING',
  defect: 'DEFECT OF THE HARNESS',
};

const verdictWords: Readonly<Record<VerdictName, string>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warned',
  inconclusive: 'inconclusive',
  'not-applicable': 'not applicable',
  'accepted-by-tls': 'accepted by TLS',
};

/** Breaks a text into lines of a width, all but the first indented. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

export interface TextOptions {
  readonly colours: boolean;
  readonly columns: number;
}

const indent = 13;

function finding(row: ReportRow, options: TextOptions, paints: Paint): readonly string[] {
  const { because, expected, seen, where } = findingOf(row);
  const line = (name: string, text = '') =>
    text === '' ? [] : [`    ${paints.dim(name.padEnd(indent - 4))}${wrap(text, options.columns, indent)}`];
  const mark = row.verdict === 'fail' ? paints.bad('x') : paints.doubt(row.verdict === 'warn' ? '!' : '?');
  return [
    '',
    `  ${mark} ${paints.bold(row.id)} ${row.severity}${row.excused ? ', excused by the baseline' : ''}  ${wrap(row.title, options.columns, 6)}`,
    ...line('because', because?.en),
    ...line('expected', expected.en),
    ...line('saw', seen.en),
    ...line('where', where?.en),
    ...line('clauses', row.clauses.join('; ')),
    // A command is copied as it stands, so it is never broken.
    ...(row.reproduce === '' ? [] : [`    ${paints.dim('again'.padEnd(indent - 4))}${row.reproduce}`]),
  ];
}

function section(title: string, rows: readonly ReportRow[], options: TextOptions, paints: Paint): readonly string[] {
  if (rows.length === 0) return [];
  return ['', paints.bold(`${title} (${rows.length})`), ...rows.flatMap((row) => finding(row, options, paints))];
}

const alike = 3;

/** Rows in doubt, those with the same reason told once: one cause often leaves many rows open. */
function doubts(title: string, rows: readonly ReportRow[], options: TextOptions, paints: Paint): readonly string[] {
  const reasons = [...new Set(rows.map((row) => row.because.en))];
  const many = reasons.filter((because) => rows.filter((row) => row.because.en === because).length > alike);
  const together = many.flatMap((because) => {
    const same = rows.filter((row) => row.because.en === because);
    return [
      '',
      `  ${paints.doubt('?')} ${paints.bold(`${same.length} rows`)}  ${wrap(same.map((row) => row.id).join(' '), options.columns, 6)}`,
      `    ${paints.dim('because'.padEnd(indent - 4))}${wrap(because, options.columns, indent)}`,
    ];
  });
  if (rows.length === 0) return [];
  const single = rows.filter((row) => !many.includes(row.because.en));
  return [
    '',
    paints.bold(`${title} (${rows.length})`),
    ...together,
    ...single.flatMap((row) => finding(row, options, paints)),
  ];
}

const shownReasons = 12;

/** The weightiest reasons; what is left out stands above, row by row. */
function reasonLines(reasons: readonly Told[], options: TextOptions): readonly string[] {
  const more = reasons.length - shownReasons;
  return [
    ...reasons.slice(0, shownReasons).map((reason) => `  - ${wrap(reason.en, options.columns, 4)}`),
    ...(more > 0 ? [`  and ${more} more, all of them above`] : []),
  ];
}

function groupTable(report: Report, paints: Paint): readonly string[] {
  const present = Object.entries(groups).filter(([id]) => report.rows.some((row) => row.group === id));
  const width = Math.max(...present.map(([, title]) => title.length));
  return [
    '',
    paints.bold('By group'),
    ...present.map(([id, title]) => {
      const rows = report.rows.filter((row) => row.group === id);
      const counts = verdictNames.flatMap((name) => {
        const count = rows.filter((row) => row.verdict === name).length;
        if (count === 0) return [];
        const text = `${count} ${verdictWords[name]}`;
        return [name === 'fail' ? paints.bad(text) : name === 'inconclusive' ? paints.doubt(text) : text];
      });
      return `  ${id}  ${title.padEnd(width)}  ${counts.join(', ')}`;
    }),
  ];
}

const slowest = 3;
const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Where the time went: the parts of the run, and the rows that took longest. */
function timeLines({ header, rows }: Report, options: TextOptions): readonly string[] {
  const parts = header.spent.map(({ on, milliseconds }) => `${on} ${inSeconds(milliseconds)}`);
  const longest = rows
    .toSorted((a, b) => (b.milliseconds ?? 0) - (a.milliseconds ?? 0))
    .slice(0, slowest)
    .flatMap(({ id, milliseconds = 0 }) => (milliseconds > 0 ? [`${id} ${inSeconds(milliseconds)}`] : []));
  return [
    wrap(`time: ${parts.join(', ')}; longest rows ${longest.join(', ')}`, options.columns, 6),
    ...(header.waits_left_out ? ['the key cool-downs of K02-K04 were left out (--skip-waits)'] : []),
  ];
}

/** The report for a terminal: failures first, each with what was expected, seen and where, and how to see it again. */
export function textReport(report: Report, options: TextOptions): string {
  const paints = paint(options.colours);
  const { header, footer, rows } = report;
  const of = (verdict: VerdictName) => rows.filter((row) => row.verdict === verdict);
  const certified = footer.verdict === 'certified';
  const excused = rows.filter((row) => row.excused);
  const counts = verdictNames.flatMap((name) => {
    const ofThem = excused.filter((row) => row.verdict === name).length;
    const apart = ofThem > 0 ? ` (${ofThem} excused by the baseline)` : '';
    return footer.counts[name] > 0 ? [`${footer.counts[name]} ${verdictWords[name]}${apart}`] : [];
  });
  // Chosen rows that all passed are neither good nor bad news for a certificate.
  const tone = footer.verdict === 'partial' ? (text: string) => text : certified ? paints.good : paints.bad;
  const seconds = (Date.parse(header.finished_at) - Date.parse(header.started_at)) / 1000;
  return [
    ...section('Failed', of('fail'), options, paints),
    ...doubts('Inconclusive', of('inconclusive'), options, paints),
    ...doubts('Warnings', of('warn'), options, paints),
    ...section('Accepted by TLS', of('accepted-by-tls'), options, paints),
    ...groupTable(report, paints),
    ...(header.contradictions.length === 0
      ? []
      : [
          '',
          paints.bold('Contradictions'),
          ...header.contradictions.map((text) => `  ${wrap(text.en, options.columns, 2)}`),
        ]),
    ...(header.emta.relaxed.length === 0
      ? []
      : ['', `${paints.doubt('Relaxed checks of Emta:')} ${header.emta.relaxed.join(', ')}`]),
    ...(footer.reasons.length === 0
      ? []
      : ['', paints.bold('Why not certified'), ...reasonLines(footer.reasons, options)]),
    '',
    `${tone(paints.bold(outcomeWords[footer.verdict]))}  ${header.relying_party.name} ${header.relying_party.version}, profile ${header.profile}, ${rows.length} of ${header.harness.rows} rows in ${seconds.toFixed(1)} s`,
    counts.join(', '),
    ...(header.run_by === undefined ? [] : [`run by ${header.run_by}`]),
    ...header.baseline
      .filter(({ id }) => excused.some((row) => row.id === id))
      .map((entry) => wrap(`excused: ${entry.id} ${excuseOf(entry)}`, options.columns, 9)),
    ...timeLines(report, options),
    paints.dim(`again: ${header.command}`),
    '',
  ].join('\n');
}
