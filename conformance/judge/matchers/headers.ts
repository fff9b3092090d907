import { MAX_COOKIE_BYTES } from '../../driver/jar.ts';
import { endOf } from '../../observe/reading.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { hopsAfterReturn } from './refusal.ts';
import { isOwn, noSuchStep } from './steps.ts';

/** A header of the last page, or of one hop. */
export const header = (
  label: string,
  name: string,
  wanted: RegExp,
  expected: Told,
  where: 'last' | 'callback' | 'start' = 'last',
  otherwise: Finding['points'] = 'against',
): Matcher =>
  matcher(expected.en, (seen) => {
    const trace = seen.traces[label] ?? seen.looks[label]?.page;
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    const hop =
      where === 'callback'
        ? hopsAfterReturn(trace, seen.setting)[0]
        : where === 'start'
          ? trace.hops.find(isOwn(seen))
          : trace.hops.at(-1);
    if (hop === undefined) return noSuchStep(seen, 'U', expected, label);
    const value = hop.headers[name] ?? '';
    return {
      kind: 'U',
      expected,
      observed: value === '' ? told`no ${name}` : verbatim(`${name}: ${value}`),
      where: verbatim(`${hop.method} ${hop.url} -> ${hop.status}`),
      positive: true,
      points: wanted.test(value) ? 'for' : otherwise,
    };
  });

/** frame-ancestors or X-Frame-Options on callback and login answers. */
export const forbidsFraming = (label: string): Matcher =>
  matcher('framing is forbidden', (seen) => {
    const expected = told`frame-ancestors or X-Frame-Options`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    const hops = [trace.hops.find(isOwn(seen)), hopsAfterReturn(trace, seen.setting)[0]].flatMap((hop) => hop ?? []);
    const open = hops.find(
      ({ headers }) =>
        !/frame-ancestors/.test(headers['content-security-policy'] ?? '') &&
        !/deny|sameorigin/i.test(headers['x-frame-options'] ?? ''),
    );
    return {
      kind: 'U',
      expected,
      observed: open === undefined ? told`one of them on each answer` : told`neither`,
      where: open === undefined ? endOf(trace) : verbatim(`${open.method} ${open.url}`),
      positive: true,
      points: open === undefined ? 'for' : 'against',
    };
  });

/** No cookie longer than a browser keeps. */
export const cookiesAreSmall = (label = 'login'): Matcher =>
  matcher('no cookie is too long', (seen) => {
    const expected = told`no cookie over ${MAX_COOKIE_BYTES} byte(s)`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'U', expected, label);
    const big = trace.hops
      .filter(isOwn(seen))
      .flatMap(({ setCookies }) => setCookies)
      .find((line) => Buffer.byteLength(line.split(';', 1)[0] ?? '') > MAX_COOKIE_BYTES);
    return {
      kind: 'U',
      expected,
      observed: big === undefined ? told`none` : told`${big.split('=', 1)[0] ?? ''}, ${Buffer.byteLength(big)} byte(s)`,
      where: endOf(trace),
      positive: big !== undefined,
      points: big === undefined ? 'for' : 'against',
    };
  });

/** One HTTP response for each request, and not a byte more. */
export const oneResponseEach = (label: string): Matcher =>
  matcher('one response per request', (seen) => {
    const expected = told`one response per request, no bytes beyond Content-Length`;
    const answers = seen.raw[label];
    if (answers === undefined) return noSuchStep(seen, 'U', expected, label);
    const { responses, surplus, problem } = answers;
    const statuses = responses.map(({ status }) => status).join(', ');
    const counted = told`${responses.length} response(s) (${statuses}), ${surplus} byte(s) too many`;
    const observed = problem === undefined ? counted : told`${counted}, ${problem}`;
    if (problem !== undefined && responses.length === 0 && /^E[A-Z]+:|no answer/.test(problem))
      return { kind: 'U', expected, observed, where: verbatim(label), positive: false, points: 'unclear' };
    const isRight = problem === undefined && surplus === 0 && responses.length >= 1 && responses.length <= 2;
    return {
      kind: 'U',
      expected,
      observed,
      where: told`the raw connection`,
      positive: true,
      points: isRight ? 'for' : 'against',
    };
  });
