import type { VerdictName } from '../verdict.ts';
import type { Report } from './report.ts';

/** How the W3C's Evaluation and Report Language calls our verdicts; the note keeps what it has no word for. */
const outcomes: Readonly<Record<VerdictName, { readonly outcome: string; readonly note?: string }>> = {
  pass: { outcome: 'earl:passed' },
  fail: { outcome: 'earl:failed' },
  warn: { outcome: 'earl:passed', note: 'with a warning' },
  'accepted-by-tls': { outcome: 'earl:passed', note: 'accepted over TLS under OIDC Core 3.1.3.7 rule 6' },
  inconclusive: { outcome: 'earl:cantTell' },
  'not-applicable': { outcome: 'earl:inapplicable' },
};

/** The report as EARL JSON-LD; rows of the catalogue that were not run are `untested`. */
export function earlReport(
  report: Report,
  catalogue: readonly { readonly id: string; readonly title: string }[],
): string {
  const { header } = report;
  const assertions = catalogue.map(({ id, title }) => {
    const row = report.rows.find((candidate) => candidate.id === id);
    const { outcome, note } = row === undefined ? { outcome: 'earl:untested' } : outcomes[row.verdict];
    const info = [row?.because.en, note].filter((text) => text !== undefined).join('; ');
    return {
      '@type': 'earl:Assertion',
      'earl:assertedBy': { '@id': '#harness' },
      'earl:subject': { '@id': '#relying-party' },
      'earl:test': { '@id': `urn:emta-mock:row:${id}`, '@type': 'earl:TestRequirement', 'dct:title': title },
      'earl:mode': { '@id': 'earl:automatic' },
      'earl:result': {
        '@type': 'earl:TestResult',
        'earl:outcome': { '@id': outcome },
        'dct:date': header.finished_at,
        ...(info === '' ? {} : { 'earl:info': info }),
      },
    };
  });
  const document = {
    '@context': {
      earl: 'http://www.w3.org/ns/earl#',
      dct: 'http://purl.org/dc/terms/',
      doap: 'http://usefulinc.com/ns/doap#',
    },
    '@graph': [
      {
        '@id': '#harness',
        '@type': 'earl:Software',
        'dct:title': header.harness.name,
        'dct:hasVersion': header.harness.version,
      },
      {
        '@id': '#relying-party',
        '@type': 'earl:TestSubject',
        'dct:title': header.relying_party.name,
        'dct:hasVersion': header.relying_party.version,
      },
      ...assertions,
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
