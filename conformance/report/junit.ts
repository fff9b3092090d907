import { type BaselineEntry, excuseOf } from '../baseline.ts';
import { groups } from '../catalogue.ts';
import { findingOf } from './finding.ts';
import type { Report, ReportRow } from './report.ts';

/** Text inside XML: markup escaped, characters that XML 1.0 does not allow replaced. */
export function xml(text: string): string {
  const allowed = text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
  };
  return allowed.replaceAll(/[&<>"\n]/g, (character) => names[character] ?? character);
}

function details(row: ReportRow): string {
  const { because, expected, seen, where } = findingOf(row);
  return [
    row.title,
    ...(because === undefined ? [] : [`because:   ${because.en}`]),
    `expected:  ${expected.en}`,
    `saw:       ${seen.en}`,
    ...(where === undefined ? [] : [`where:     ${where.en}`]),
    `clauses:   ${row.clauses.join('; ')}`,
    ...(row.reproduce === '' ? [] : [`reproduce: ${row.reproduce}`]),
  ].join('\n');
}

/** Text between tags, where line breaks stay line breaks. */
const body = (text: string): string => xml(text).replaceAll('&#10;', '\n');

function testCase(row: ReportRow, baseline: readonly BaselineEntry[]): string {
  const excuse = baseline
    .filter(({ id }) => row.excused && id === row.id)
    .map(excuseOf)
    .join();
  const properties = [
    ['severity', row.severity],
    ['profile', row.profile],
    ['verdict', row.verdict],
    ['clauses', row.clauses.join('; ')],
    ...(row.excused ? [['excused', 'true']] : []),
  ].map(([name = '', value = '']) => `        <property name="${xml(name)}" value="${xml(value)}"/>`);
  const inner: Readonly<Record<ReportRow['verdict'], readonly string[]>> = {
    pass: [],
    fail: [
      row.excused
        ? `      <skipped message="${xml(`excused by the baseline ${excuse}: ${row.because.en}`)}"/>`
        : `      <failure type="${row.severity}" message="${xml(row.because.en)}">${body(details(row))}</failure>`,
    ],
    inconclusive: [`      <error type="inconclusive" message="${xml(row.because.en)}">${body(details(row))}</error>`],
    'not-applicable': [`      <skipped message="${xml(row.because.en)}"/>`],
    warn: [`      <system-out>${body(`warning\n${details(row)}`)}</system-out>`],
    'accepted-by-tls': [
      `      <system-out>${body(`accepted by TLS (OIDC Core 3.1.3.7 rule 6)\n${details(row)}`)}</system-out>`,
    ],
  };
  const group = Object.entries(groups).find(([id]) => id === row.group)?.[1] ?? row.group;
  return [
    `    <testcase classname="${xml(`${row.group} ${group}`)}" name="${xml(`${row.id} ${row.title}`)}" time="${((row.milliseconds ?? 0) / 1000).toFixed(3)}">`,
    '      <properties>',
    ...properties,
    '      </properties>',
    ...inner[row.verdict],
    '    </testcase>',
  ].join('\n');
}

/** The report as JUnit XML: one test case to a row, one suite to a group. */
export function junitReport(report: Report): string {
  const { header, footer } = report;
  const tally = (rows: readonly ReportRow[]) => {
    const failures = rows.filter((row) => row.verdict === 'fail' && !row.excused).length;
    const errors = rows.filter((row) => row.verdict === 'inconclusive').length;
    const skipped = rows.filter(
      (row) => row.verdict === 'not-applicable' || (row.verdict === 'fail' && row.excused),
    ).length;
    const seconds = rows.reduce((sum, row) => sum + (row.milliseconds ?? 0), 0) / 1000;
    return `tests="${rows.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  };
  const suites = Object.entries(groups).flatMap(([id, title]) => {
    const rows = report.rows.filter((row) => row.group === id);
    if (rows.length === 0) return [];
    return [
      `  <testsuite name="${xml(`${id} ${title}`)}" timestamp="${xml(header.started_at.replace(/Z$/, ''))}" ${tally(rows)}>`,
      ...rows.map((row) => testCase(row, header.baseline)),
      '  </testsuite>',
    ];
  });
  const name = `${header.relying_party.name} ${header.relying_party.version}, ${header.profile}: ${footer.verdict}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(name)}" ${tally(report.rows)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}
