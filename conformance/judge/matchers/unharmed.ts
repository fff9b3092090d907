import type { Trace } from '../../driver/user-agent.ts';
import { fold, foldKeepingJoiners } from '../../observe/fold.ts';
import { foundIn, haystackOf, needlesOf } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import { type Told, told } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { noSuchStep } from './steps.ts';

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
    if (person === undefined || first === undefined) return noSuchStep(seen, 'N', expected, labels.join(', '));
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
