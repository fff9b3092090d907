import type { Row } from '../catalogue.ts';
import { findingOf } from '../report/finding.ts';
import type { Profile, RowVerdict } from '../verdict.ts';

/** Whether a verdict makes a Jest test red: what failed or could not be told; information never does. */
export function isRed(verdict: RowVerdict, profile: Profile): boolean {
  if (verdict.severity === 'info') return false;
  const isExcusedByTls = verdict.verdict === 'accepted-by-tls' && profile === 'core-must';
  return ['fail', 'inconclusive', 'accepted-by-tls'].includes(verdict.verdict) && !isExcusedByTls;
}

/** What a red test says: the requirement, its clauses, expected, seen, and the command that shows it again. */
export function failureText(row: Row, verdict: RowVerdict, reproduce: string): string {
  const { expected, seen, where } = findingOf({ ...verdict, required: row.required });
  const line = (name: string, text = '') => (text === '' ? [] : [`  ${name.padEnd(10)} ${text}`]);
  return [
    `${row.id} ${verdict.verdict}: ${verdict.because.en}`,
    '',
    ...line('duty', row.title),
    ...line('clauses', row.clauses.join('; ')),
    ...line('severity', row.severity),
    ...line('stimulus', row.stimulus),
    ...line('expected', expected.en),
    ...line('saw', seen.en),
    ...line('where', where?.en),
    ...line('reproduce', reproduce),
  ].join('\n');
}
