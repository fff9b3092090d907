import { endOf } from '../../observe/reading.ts';
import { showsSign, signInWords } from '../../observe/sign.ts';
import { told } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { hopsAfterReturn, saysWords } from './refusal.ts';

/** An answer that fits no login cannot blame the citizen; a page that does earns a warning. */
export const blamesRefusal = (label: string): Matcher =>
  matcher('the citizen is not blamed', (seen) => {
    const sign = seen.setting.rp.refusal;
    const trace = seen.traces[label];
    const page = trace?.page;
    if (sign === undefined || trace === undefined || page === undefined) return [];
    const isBlamed = showsSign(page, sign);
    return {
      kind: 'U',
      expected: told`a page without ${signInWords(sign)}`,
      observed: isBlamed
        ? told`it blames the refusal, though an answer without state cannot be matched to a login`
        : told`another page`,
      where: endOf(trace),
      positive: true,
      points: isBlamed ? 'warn' : 'for',
    };
  });

/**
 * The words of refusal, unless the relying party still holds metadata that advertise iss: then RFC 9207 section 2.4
 * has it refuse the answer as a whole, and it cannot know that the citizen refused.
 */
export const refusalWithoutIss = (label: string): Matcher =>
  matcher('the refusal is told', (seen) => {
    const [finding] = saysWords('refusal', label).match(seen);
    if (finding === undefined || finding.points !== 'against') return finding ?? [];
    const isInformed = seen.fetches.some(
      ({ endpoint, delivered }) => endpoint === 'discovery' && delivered.includes('authorization.iss_unsupported'),
    );
    return isInformed
      ? finding
      : {
          ...finding,
          observed: told`${finding.observed}; it has not read the metadata anew, which still advertise iss to it`,
          points: 'for',
        };
  });

/** The words of refusal, where a further login was begun at all: a site may start none for somebody signed in. */
export const saysWhatHappened = (label: string): Matcher =>
  matcher('the page tells what happened', (seen) => {
    const trace = seen.traces[label];
    if (trace === undefined || hopsAfterReturn(trace, seen.setting).length === 0) return [];
    return saysWords('refusal', label).match(seen);
  });
