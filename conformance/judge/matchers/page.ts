import { MAX_COOKIE_BYTES } from '../../driver/jar.ts';
import { parsePage } from '../../driver/page.ts';
import { answersOf, type Hop, type Trace } from '../../driver/user-agent.ts';
import { fold, foldKeepingJoiners } from '../../observe/fold.ts';
import { blanked, foundIn, haystackOf, needlesOf } from '../../observe/needles.ts';
import { endOf, isAnswered } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { showsSign } from '../../observe/sign.ts';
import { whereabouts } from '../../observe/whereabouts.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { hopsAfterReturn } from './refusal.ts';
import { secretLeak } from './request.ts';

const nothing = (seen: Seen, kind: Finding['kind'], expected: Told, label: string): Finding => ({
  kind,
  expected,
  observed: seen.stopped ?? told`no such step`,
  where: verbatim(label),
  positive: false,
  points: 'unclear',
});

const nameOf = (which: 'refusal' | 'mismatch'): Told => (which === 'refusal' ? told`refusal` : told`mismatch`);

const isOwn = (seen: Seen) => (hop: Hop) => seen.setting.origins.includes(new URL(hop.url).origin);

/** Every hop stays at the relying party and at Emta. */
export const staysHome = (label = 'login', kind: Finding['kind'] = 'U'): Matcher =>
  matcher('the browser stays at home', (seen) => {
    const expected = told`every hop on the relying party's own origin, or Emta's`;
    const trace = seen.traces[label];
    if (trace === undefined) return nothing(seen, kind, expected, label);
    if (trace.ending.kind === 'off-limits')
      return {
        kind,
        expected,
        observed: told`sent off to ${trace.ending.url}`,
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    const allowed = new Set([...seen.setting.origins, seen.setting.emtaOrigin]);
    const away = trace.hops.find(({ url }) => !allowed.has(new URL(url).origin));
    if (away !== undefined)
      return {
        kind,
        expected,
        observed: verbatim(`${away.method} ${away.url}`),
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    const isFinished = trace.ending.kind === 'page';
    return {
      kind,
      expected,
      observed: isFinished ? told`${trace.hops.length} hop(s), all at home` : verbatim(trace.ending.kind),
      where: endOf(trace),
      positive: isFinished,
      points: isFinished ? 'for' : 'unclear',
    };
  });

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
    if (one === undefined || two === undefined || trace === undefined) return nothing(seen, 'U', expected, second);
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
    if (options.maySuit === true) return finding('for', told`«${two.text.slice(0, 120)}»`);
    if (options.isNamed === true && mismatch !== undefined) {
      // the owner said which words stand for which: each page must have its own
      if (refusal !== undefined && !showsSign(one, refusal))
        return finding('against', told`the refusal is told as «${one.text.slice(0, 120)}»`);
      if (!showsSign(two, mismatch))
        return finding('against', told`the mismatch is told as «${two.text.slice(0, 120)}»`);
    }
    const needles = Object.values(seen.needles).flat();
    const text = (page: typeof one) => blanked(`${page.title} ${page.text}`, needles).replace(/\d+/g, '#');
    const isDifferent = text(one) !== text(two);
    return finding(
      isDifferent ? 'for' : 'against',
      isDifferent ? told`«${two.text.slice(0, 120)}»` : told`the very same text`,
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
    if (trace === undefined || page === undefined) return nothing(seen, 'U', expected, label);
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
    if (trace === undefined) return nothing(seen, 'U', expected, label);
    const hop =
      where === 'callback'
        ? hopsAfterReturn(trace, seen.setting)[0]
        : where === 'start'
          ? trace.hops.find(isOwn(seen))
          : trace.hops.at(-1);
    if (hop === undefined) return nothing(seen, 'U', expected, label);
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
    if (trace === undefined) return nothing(seen, 'U', expected, label);
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

const holdsAnswer = (url: string) => ['code', 'state'].filter((name) => new URL(url).searchParams.has(name));

/** Code and state are gone from the address in the end. */
export const addressIsClean = (label: string): Matcher =>
  matcher('code and state leave the address', (seen) => {
    const expected = told`a final address without code and state`;
    const trace = seen.traces[label];
    const page = trace?.page;
    if (trace === undefined || page === undefined) return nothing(seen, 'U', expected, label);
    const held = holdsAnswer(page.url);
    return {
      kind: 'U',
      expected,
      observed: held.length === 0 ? verbatim(page.url) : listed(held, 'and'),
      where: endOf(trace),
      positive: true,
      points: held.length === 0 ? 'for' : 'against',
    };
  });

/** The callback URL goes to nobody else. */
export const callbackStaysPrivate = (label: string): Matcher =>
  matcher('the callback URL is not leaked', (seen) => {
    const expected = told`the code gone from the address, or a Referrer-Policy; nothing of third parties on the callback answer`;
    const trace = seen.traces[label];
    const [callback] = trace === undefined ? [] : hopsAfterReturn(trace, seen.setting);
    if (trace === undefined || callback === undefined) return nothing(seen, 'U', expected, label);
    const holding = hopsAfterReturn(trace, seen.setting).filter(
      (hop) => isOwn(seen)(hop) && holdsAnswer(hop.url).includes('code') && hop.status < 300,
    );
    for (const hop of holding) {
      const page = parsePage({
        url: hop.url,
        status: hop.status,
        contentType: hop.headers['content-type'] ?? '',
        body: hop.body,
      });
      const third = page.resources.find(
        (url) => /^https?:/.test(url) && !seen.setting.origins.includes(new URL(url).origin),
      );
      const policy = hop.headers['referrer-policy'] ?? page.select('meta[name="referrer"]', 'content') ?? '';
      const isSilent = /no-referrer(?!-when)|same-origin|^\s*(?:strict-)?origin/.test(policy);
      if (third !== undefined)
        return {
          kind: 'U',
          expected,
          observed: told`a resource of ${third}`,
          where: verbatim(hop.url),
          positive: true,
          points: 'against',
        };
      if (!isSilent)
        return {
          kind: 'U',
          expected,
          observed:
            policy === ''
              ? told`the code in the address, and no Referrer-Policy`
              : told`the code in the address, and Referrer-Policy ${policy}`,
          where: verbatim(hop.url),
          positive: true,
          points: 'against',
        };
    }
    const observed =
      holding.length === 0 ? told`no answer is shown at an address with the code` : told`a Referrer-Policy`;
    return {
      kind: 'U',
      expected,
      observed,
      where: endOf(trace),
      positive: trace.ending.kind === 'page',
      points: 'for',
    };
  });

const tokensOf = (seen: Seen): readonly string[] =>
  seen.exchanges
    .filter(({ endpoint }) => endpoint === 'token')
    .flatMap(({ response }) =>
      [...response.body.matchAll(/"(?:access_token|id_token|refresh_token)"\s*:\s*"([^"]+)"/g)].flatMap(
        ([, token]) => token ?? [],
      ),
    );

/** No token and no secret in a body or URL of the relying party. */
export const keepsSecrets = matcher('tokens and the secret stay on the server', (seen) => {
  const expected = told`no access token, ID token or secret in any body or URL`;
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  const tokens = tokensOf(seen);
  const hops = traces.flatMap(answersOf).filter((hop) => new URL(hop.url).origin !== seen.setting.emtaOrigin);
  const leak = hops.find((hop) =>
    tokens.some(
      (token) =>
        token.length > 15 &&
        (hop.url.includes(token) || hop.body.includes(token) || (hop.headers.location ?? '').includes(token)),
    ),
  );
  const secret = secretLeak(seen, seen.setting.rp.client.client_secret);
  const where =
    leak === undefined
      ? (secret ?? told`${hops.length} answer(s) of the relying party`)
      : verbatim(`${leak.method} ${leak.url}`);
  if (tokens.length === 0 && secret === undefined)
    return {
      kind: 'U',
      expected,
      observed: seen.stopped ?? told`no token was handed out`,
      where,
      positive: false,
      points: 'unclear',
    };
  return {
    kind: 'U',
    expected,
    observed: leak !== undefined ? told`a token` : secret !== undefined ? told`the secret` : told`none`,
    where,
    positive: true,
    points: leak === undefined && secret === undefined ? 'for' : 'against',
  };
});

/** The secret stands on no page of the case. */
export const hidesSecret = matcher('the secret is not shown', (seen) => {
  const expected = told`no client secret on the page`;
  const leak = secretLeak(seen, seen.setting.rp.client.client_secret);
  return {
    kind: 'U',
    expected,
    observed: leak === undefined ? told`none` : told`the secret`,
    where: leak ?? told`the last page`,
    positive: leak !== undefined,
    points: leak === undefined ? 'for' : 'against',
  };
});

/** No cookie longer than a browser keeps. */
export const cookiesAreSmall = (label = 'login'): Matcher =>
  matcher('no cookie is too long', (seen) => {
    const expected = told`no cookie over ${MAX_COOKIE_BYTES} byte(s)`;
    const trace = seen.traces[label];
    if (trace === undefined) return nothing(seen, 'U', expected, label);
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

/** One HTTP response for each request, and not a byte more. */
export const oneResponseEach = (label: string): Matcher =>
  matcher('one response per request', (seen) => {
    const expected = told`one response per request, no bytes beyond Content-Length`;
    const answers = seen.raw[label];
    if (answers === undefined) return nothing(seen, 'U', expected, label);
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

const mojibake = /\ufffd|Ã.|Ø[§-¿]|Ù[\u0080-\u00bf†‡ˆ‰Š]|\?{4,}/;

/** A value is shown whole wherever it is shown: no mojibake, no joiner, zero or day lost. */
export const unharmed = (role = 'A', labels: readonly string[] = ['login', 'after']): Matcher =>
  matcher('values are unharmed', (seen) => {
    const person = seen.people[role];
    const expected = told`names, national code and birth date as Emta gave them, wherever shown`;
    const traces = labels.flatMap((label) =>
      [seen.traces[label], seen.looks[label]?.page].flatMap((trace) => trace ?? []),
    );
    const pages = traces.flatMap((trace) =>
      trace.page !== undefined && seen.setting.origins.includes(new URL(trace.page.url).origin)
        ? [{ trace, page: trace.page }]
        : [],
    );
    const [first] = pages;
    if (person === undefined || first === undefined) return nothing(seen, 'N', expected, labels.join(', '));
    const against = (observed: Told, trace: Trace): Finding => ({
      kind: 'N',
      expected,
      observed,
      where: endOf(trace),
      positive: true,
      points: 'against',
    });
    const needles = needlesOf(person);
    let shown = 0;
    for (const { trace, page } of pages) {
      const haystack = haystackOf(page.body);
      if (mojibake.test(page.text)) return against(told`garbled text: «${mojibake.exec(page.text)?.[0] ?? ''}»`, trace);
      shown += foundIn(haystack, needles).length;
      const kept = foldKeepingJoiners(
        page.body.replace(/&zwnj;|&#8204;|&#x200c;/gi, '\u200c').replace(/\\u200c/gi, '\u200c'),
      );
      for (const name of [person.givenName, person.familyName]) {
        if (!name.includes('\u200c') || kept.includes(foldKeepingJoiners(name))) continue;
        if (fold(page.body).includes(fold(name))) return against(told`the joiner of «${name}» lost`, trace);
      }
      const code = person.nationalCode;
      const short = code.replace(/^0+/, '');
      if (short !== code && !haystack.includes(code) && new RegExp(`(?<!\\d)${short}(?!\\d)`).test(haystack))
        return against(told`the national code without its zeros, ${short}`, trace);
      const dates = needles.filter(({ what }) => what === 'birth date');
      if (!dates.some(({ pattern }) => pattern.test(haystack))) {
        const shifted = [-1, 1].map((days) =>
          new Date(Date.parse(`${person.birthDate}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10),
        );
        const jalali = shifted.map((date) =>
          new Intl.DateTimeFormat('en-u-ca-persian', {
            year: 'numeric',
            month: '2-digit',
            day: '2-digit',
            timeZone: 'UTC',
          }).formatToParts(new Date(`${date}T12:00:00Z`)),
        );
        const spelled = jalali.map((parts) =>
          ['year', 'month', 'day'].map((type) => parts.find((part) => part.type === type)?.value ?? '').join('/'),
        );
        const hit = [...shifted, ...spelled].find((date) => haystack.includes(date));
        if (hit !== undefined) return against(told`the birth date moved by a day, to ${hit}`, trace);
      }
    }
    return {
      kind: 'N',
      expected,
      observed: shown === 0 ? told`no value is shown` : told`${shown} value(s) whole`,
      where: endOf(first.trace),
      positive: shown > 0,
      points: shown === 0 ? 'unclear' : 'for',
    };
  });

/** What was seen of the callback leads somewhere; for rows that only report. */
export const noted = (label: string, expected: Told): Matcher =>
  matcher(expected.en, (seen) => {
    const trace = seen.traces[label];
    if (trace === undefined) return nothing(seen, 'U', expected, label);
    return {
      kind: 'U',
      expected,
      observed: endOf(trace),
      where: endOf(trace),
      positive: isAnswered(trace),
      points: 'for',
    };
  });

const entryMarks = (trace: Trace | undefined): boolean =>
  trace?.page?.forms.some(({ fields }) => fields.some(({ type }) => type === 'password') && fields.length > 3) === true;

/** Nothing is kept of a citizen whom the site never learned of: he typed nothing there, and the refusal was its whole answer. */
function neverNamed(seen: Seen, expected: Told): Finding | undefined {
  const { capabilities, origins } = seen.setting;
  const asks = (['asks_mobile', 'asks_national_code', 'registration'] as const).some(
    (name) => capabilities.find((one) => one.name === name)?.taken === true,
  );
  const refused = seen.traces.login;
  const answer = (refused === undefined ? [] : hopsAfterReturn(refused, seen.setting)).find(({ url, requestBody }) => {
    const { origin, searchParams } = new URL(url);
    const carried = [searchParams, new URLSearchParams(requestBody)];
    return origins.includes(origin) && carried.some((parameters) => parameters.has('error'));
  });
  if (asks || answer === undefined) return undefined;
  return {
    kind: 'L',
    expected,
    observed: told`the site was told nothing of the citizen who refused, so it has no account of his`,
    where: verbatim(answer.url),
    positive: true,
    points: 'for',
  };
}

/** A citizen is treated as unknown: the personal-details page is offered to him, as at a first entry. */
export const isFirstEntry = (
  label: string,
  compare: { readonly first: string; readonly later: string } | null = null,
): Matcher =>
  matcher('it is a first entry', (seen) => {
    const expected = told`a login as of somebody unknown`;
    const trace = seen.traces[label];
    if (trace === undefined) return nothing(seen, 'P', expected, label);
    if (entryMarks(trace))
      return {
        kind: 'U',
        expected,
        observed: told`the personal-details page is offered`,
        where: endOf(trace),
        positive: true,
        points: 'for',
      };
    if (compare !== null && entryMarks(seen.traces[compare.first])) {
      const observed = told`not the personal-details page, but «${trace.page?.title ?? ''}»`;
      return { kind: 'U', expected, observed, where: endOf(trace), positive: true, points: 'against' };
    }
    if (compare !== null) {
      const needles = Object.values(seen.needles).flat();
      const text = (at: string) =>
        blanked(
          `${seen.traces[at]?.page?.url.split('?')[0] ?? ''} ${seen.traces[at]?.page?.title ?? ''} ${seen.traces[at]?.page?.text ?? ''}`,
          needles,
        ).replace(/\d+/g, '#');
      const [first, later, now] = [text(compare.first), text(compare.later), text(label)];
      if (first !== later && [first, later].includes(now))
        return {
          kind: 'U',
          expected,
          observed: now === first ? told`the page of a first login` : told`the page of a returning citizen`,
          where: endOf(trace),
          positive: true,
          points: now === first ? 'for' : 'against',
        };
    }
    const refused = neverNamed(seen, expected);
    if (refused !== undefined) return refused;
    return {
      kind: 'U',
      expected,
      observed: told`nothing tells a first login from a later one; to settle it, greet a new customer after the login in other words than one who comes back, and leave those words out of every later login`,
      where: endOf(trace),
      positive: false,
      points: 'unclear',
    };
  });

/** The look tells the probe and the needle of the same person, or nobody; used for what must be seen once. */
export const wasSeen = (label: string, expected: Told): Matcher =>
  matcher(expected.en, (seen) => {
    const reading = seen.looks[label];
    if (reading === undefined) return nothing(seen, 'P', expected, label);
    const read = whereabouts(seen, reading);
    return { kind: read.kind, expected, observed: read.observed, where: read.evidence, positive: true, points: 'for' };
  });
