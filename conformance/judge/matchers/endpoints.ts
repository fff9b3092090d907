import { type Told, told } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';

/** An endpoint is not asked in the case. */
export const notAsked = (endpoint: string, because: Told): Matcher =>
  matcher(`${endpoint} is not asked`, (seen) => {
    const expected = told`no call of ${endpoint}: ${because}`;
    const call = seen.exchanges.find((exchange) => exchange.endpoint === endpoint);
    return {
      kind: 'L',
      expected,
      observed: call === undefined ? told`no such call` : told`such a call`,
      where:
        call === undefined
          ? told`Emta's record`
          : told`exchange ${call.seq}: ${`${call.request.method} ${call.request.url}`}`,
      positive: call !== undefined,
      points: call === undefined ? 'for' : 'against',
    };
  });

/** At most so many key fetches in the case; counted when nobody else was about. */
export const keyFetches = (atMost: number, points: 'warn' | 'against' = 'warn'): Matcher =>
  matcher(`at most ${atMost} key fetches`, (seen) => {
    const expected = told`at most ${atMost} fetch(es) of the key set`;
    const fetches = seen.fetches.filter(({ endpoint }) => endpoint === 'jwks');
    if (!seen.setting.channels.has('jwks') && fetches.length === 0)
      return {
        kind: 'L',
        expected,
        observed: told`the relying party never fetches keys`,
        where: told`Emta's record`,
        positive: false,
        points: 'for',
      };
    const isTooMany = fetches.length > atMost;
    return {
      kind: 'L',
      expected,
      observed: told`${fetches.length} fetch(es)`,
      where: told`Emta's record`,
      positive: isTooMany,
      points: isTooMany ? (seen.isAlone ? points : 'for') : 'for',
    };
  });
