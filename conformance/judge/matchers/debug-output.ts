import { answersOf, type Trace } from '../../driver/user-agent.ts';
import { endOf } from '../../observe/reading.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { matcher } from '../finding.ts';
import { secretLeak } from './secrets.ts';
import { isOwn } from './steps.ts';

const debugSigns: readonly (readonly [Told, RegExp])[] = [
  [
    told`a stack trace of JavaScript`,
    /\n?\s*at (?:async )?[\w$.<>[\] ]+ \((?:file:\/\/)?\/?[^)\n]*:\d+:\d+\)|\bat (?:file:\/\/|\/)[^\s)]+:\d+:\d+/,
  ],
  [told`a stack trace of Python`, /Traceback \(most recent call last\)|File "[^"\n]+\.py", line \d+/],
  [
    told`a stack trace of Java`,
    /\bat [a-z][\w$]*(?:\.[\w$]+)+\([A-Z][\w$]*\.(?:java|kt|scala):\d+\)|Whitelabel Error Page[\s\S]*trace/,
  ],
  [
    told`a stack trace of PHP`,
    /(?:Fatal error|Warning|Notice|Parse error)(?:<\/b>)?:.{0,300} in (?:<b>)?\/[^\s<]+\.php|#\d+ \/[^\s]+\.php\(\d+\)/,
  ],
  [told`a stack trace of .NET`, /\bat [\w.]+(?:<[^>]*>)?\([^)]*\) in [^\s]+\.cs:line \d+/],
  [told`a stack trace of Ruby`, /\.rb:\d+:in [`'][\w<>? ]+'/],
  [told`a stack trace of Go`, /goroutine \d+ \[running\]/],
  [
    told`a debug page`,
    /(?:DEBUG = True|Werkzeug Debugger|Django settings module|Laravel[\s\S]{0,80}Ignition|Symfony Exception)/,
  ],
];

/** No stack trace, secret, token or configuration in any body of the case. */
export const noDebugOutput = matcher('no debug output', (seen) => {
  const expected = told`no stack trace, secret, token or configuration in a body`;
  const hops = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)]
    .flatMap(answersOf)
    .filter(isOwn(seen));
  for (const hop of hops) {
    const text = hop.body
      .replace(/&quot;|&#34;/g, '"')
      .replace(/&#39;|&apos;/g, "'")
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>');
    const sign = debugSigns.find(([, pattern]) => pattern.test(text));
    if (sign !== undefined)
      return {
        kind: 'U',
        expected,
        observed: sign[0],
        where: verbatim(`${hop.method} ${hop.url} -> ${hop.status}`),
        positive: true,
        points: 'against',
      };
  }
  const secret = secretLeak(seen, seen.setting.rp.client.client_secret);
  if (secret !== undefined)
    return { kind: 'U', expected, observed: told`the client secret`, where: secret, positive: true, points: 'against' };
  const finished = Object.values(seen.traces).filter(
    ({ page }) => page !== undefined && seen.setting.origins.includes(new URL(page.url).origin),
  );
  const at: Trace | undefined = finished.at(-1);
  return {
    kind: 'U',
    expected,
    observed: told`${hops.length} answer(s) without`,
    where: at === undefined ? verbatim('') : endOf(at),
    positive: at !== undefined,
    points: at === undefined ? 'unclear' : 'for',
  };
});
