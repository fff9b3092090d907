import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { loadCatalogue } from '../catalogue.ts';
import { loadRequirements } from '../requirements.ts';
import { madeRun } from '../test/made-run.ts';
import type { RowVerdict } from '../verdict.ts';
import { htmlReport } from './html-report.ts';
import { makeReport } from './report.ts';

const folder = fileURLToPath(new URL('../../views/report/', import.meta.url));
const texts = (name: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(folder, 'messages', `${name}.json`), 'utf8'));

const report = makeReport(
  madeRun({ C01: 'fail', D03: 'inconclusive', C04: 'warn', H24: 'accepted-by-tls', F13: 'not-applicable' }),
);
const html = htmlReport(report);
const $ = load(html);

test('names the Emta that a case had to itself where it says how to print the journal', () => {
  const run = madeRun({});
  const ownIssuer = (verdict: RowVerdict): RowVerdict => ({
    ...verdict,
    cases: (verdict.cases ?? []).map((kase) => ({ ...kase, issuer: 'http://localhost:4299/t/copies-1a' })),
  });
  const page = load(htmlReport(makeReport({ ...run, verdicts: run.verdicts.map(ownIssuer) })));
  const commands = page('#evidence code')
    .map((_, code) => page(code).text())
    .get()
    .filter((text) => text.startsWith('npx emta journal'));
  expect([...new Set(commands)]).toEqual([
    'npx emta journal --journey Zk3vQ9pLm2xT-- --emta http://localhost:4299/t/copies-1a',
  ]);
});

describe('one file for an auditor', () => {
  test('runs nothing and asks nobody for anything', () => {
    expect($('script, link, img, iframe, object, form')).toHaveLength(0);
    expect($('meta[http-equiv="Content-Security-Policy"]').attr('content')).toContain("default-src 'none'");
    expect(html.replaceAll(/url\("data:[^"]*"\)/g, '')).not.toMatch(/url\(|@import/);
  });

  test('speaks Persian first, and English', () => {
    expect($('html').attr()).toMatchObject({ lang: 'fa', dir: 'rtl' });
    expect(
      $('main')
        .map((_, main) => $(main).attr('lang'))
        .get(),
    ).toEqual(['fa', 'en']);
    expect($('main[lang="fa"] .verdict h2').text()).toContain('تایید نشد');
    expect($('main[lang="en"] .verdict h2').text()).toContain('Not certified');
    expect($('main[lang="fa"] time').first().text()).toBe('۱۴۰۴/۱۲/۰۹، ساعت ۱۳:۳۰ به وقت تهران');
    expect($('main[lang="en"] time').first().text()).toBe('2026-02-28, 10:00 UTC');
  });

  test('says on its first screen that Emta was simulated, and in its title in both languages', () => {
    expect($('main[lang="en"] header .simulated').text()).toContain('The real Emta took no part');
    expect($('main[lang="fa"] header .simulated').text()).toContain('شبیه‌سازی');
    expect($('title').text()).toMatch(/شبیه‌سازی.*simulated Emta/);
  });

  test('tells of each path what was not applicable or not in the run beside what passed', () => {
    const score = (name: string) => $(`main[lang="en"] .path-states a[href$="path-${name}"]`).next().text();
    expect(score('refusal')).toBe('10 of 11 passed');
    expect(score('mismatch')).toBe('10 of 11 passed, 5 outside this run');
    expect($('main[lang="fa"]').text()).not.toMatch(/[۰-۹]\s*·|·\s*[۰-۹]/);
  });

  test('says when the run started and when it ended, each by its name', () => {
    const named = $('main[lang="en"] time')
      .map((_, time) => `${$(time).parent().prev().text()} ${$(time).attr('datetime')}`)
      .get();
    expect(named).toEqual(['Started 2026-02-28T10:00:00.000Z', 'Ended 2026-02-28T10:00:21.000Z']);
  });

  test('names who ran it where they said so, in both languages', () => {
    const facts = (page: typeof $, lang: string) =>
      page(`main[lang="${lang}"] .facts dt`)
        .map((_, term) => `${page(term).text()}: ${page(term).next().text()}`)
        .get();
    expect(facts($, 'en').join('\n')).not.toContain('Run by');
    const named = load(htmlReport(makeReport(madeRun({}, { runBy: 'Sample & Sons' }))));
    expect(facts(named, 'en')).toContain('Run by: Sample & Sons');
    expect(facts(named, 'fa')).toContain('مجری آزمون: Sample & Sons');
  });

  test('lists what was not judged with its duty and the reason in plain words', () => {
    const listed = (row: string) =>
      $('main[lang="en"] .plain:not(.aside) li')
        .filter((_, item) => $(item).find('.row-link').text() === row)
        .text();
    expect(listed('F13')).toBe(
      "F13 The relying party MUST NOT send an honest issuer's code to another issuer. about a site that can be led to a login by a second issuer; this one cannot be led to a login by a second issuer (its file has no second_issuer)",
    );
    expect(listed('D16')).toBe(
      'D16 The relying party SHOULD mind how old the verification is. not in the profile core-must',
    );
    expect($('main[lang="en"] .outside li')).toHaveLength(200 - report.rows.length);
    const chosen = makeReport(madeRun({}, { only: ['C01'], rows: loadCatalogue().filter(({ id }) => id === 'C01') }));
    expect(load(htmlReport(chosen))('main[lang="en"] #en-C02').text()).toContain('not chosen by --only');
  });

  test('names the file to check where it was told, and else the file that the page was made from', () => {
    const commands = (options: Parameters<typeof htmlReport>[1]) =>
      load(htmlReport(report, options))('main[lang="en"] .command').text();
    expect(commands({ reportFile: 'out/bad.json' })).toContain('npx emta verify-report out/bad.json');
    expect(commands({})).toContain('npx emta verify-report FILE');
    expect($('main[lang="en"]').text()).toContain('FILE stands for the JSON file that this page was made from.');
    expect(html).not.toContain('report.json');
  });

  test('keeps each Latin word of a Persian sentence apart, its full stop outside, and a name of several words whole', () => {
    const duty = (id: string) => $(`main[lang="fa"] tr#${id} .duty`).text();
    expect(duty('H24')).toMatch(/\u2066TLS\u2069\.$/);
    expect(duty('B01')).toContain('\u2066OpenID Connect\u2069');
    const required = (id: string) => $(`main[lang="fa"] .coverage tr#${id} td`).first().text();
    expect(required('N33')).toContain('\u2066Secure\u2069، \u2066HttpOnly\u2069، \u2066SameSite\u2069');
    expect(required('N33')).toContain('\u2066__Host-\u2069؛');
  });

  test('names the signs of the legend in the direction of their language', () => {
    expect($('main[lang="fa"] .legend dt').text()).toContain('طرح \u2066a\u2069 تا \u2066f\u2069');
    expect($('.legend dt [dir]')).toHaveLength(0);
  });

  test('keeps the two ends of a masked number in their order', () => {
    expect($('.evidence blockquote').first().text()).toMatch(/\u2066۰۰۱\*+۷۸\u2069 and \u2066091\*+789\u2069/);
  });

  test('puts levels and clauses of our own into Persian, and names of standards not', () => {
    const level = (id: string) => $(`main[lang="fa"] .coverage tr#${id} td`).eq(1).text();
    expect([level('N2'), level('N35')]).toEqual(['الزامی، یکی از آن‌ها', 'تنها توصیف شده']);
    expect($('main[lang="fa"] tr#C01 .clauses').text()).toContain('N32؛ RFC 6749 §4.1.2.1؛ طرح a تا f؛ خطای ۲۲ SPID');
  });

  test('says at the foot of each printed page which site, which verdict, which day and which report', () => {
    const foot = (style: string) =>
      new RegExp(`@page ${style}\\{@bottom-center\\{content:"(.*?)"`)
        .exec($('style').text())?.[1]
        ?.replaceAll(/\\([0-9a-f]+) /g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
    const plain = (text = '') => text.replaceAll(/[\u2066-\u2069]/g, '');
    const end = report.footer.hash.slice(-12);
    expect(plain(foot(''))).toBe(`Demo shop 1.4.2 | Not certified | 2026-02-28 | …${end} | `);
    expect(plain(foot('persian'))).toBe(`Demo shop 1.4.2 | تایید نشد | ۱۴۰۴/۱۲/۰۹ | …${end} | `);
    const name = 'x</style><script>"';
    const hostile = {
      ...report,
      header: { ...report.header, relying_party: { ...report.header.relying_party, name } },
    };
    expect(load(htmlReport(hostile))('script')).toHaveLength(0);
  });

  test('says before the sign-off what paper leaves out, and sends no finding to steps that are not on it', () => {
    expect($('main[lang="en"] .sign .print-only').text()).toContain('This print is not the whole report');
    expect($('.row-evidence.verdict-of-pass p.walk').length).toBeGreaterThan(0);
    expect($('.row-evidence.verdict-of-fail div.walk')).toHaveLength(1);
    expect($('.row-evidence.verdict-of-fail p.walk')).toHaveLength(0);
    expect(readFileSync(join(folder, 'report.css'), 'utf8')).toMatch(
      /@media print[^@]*\.verdict-of-pass \.walk \{\s+display: none/,
    );
  });

  test('puts verdict, then rejection paths, then findings, then all rows', () => {
    const order = $('main[lang="en"] h2')
      .map((_, heading) => $(heading).text().trim())
      .get();
    expect(order.slice(0, 5)).toEqual([
      'Verdict Not certified',
      'What was certified',
      'The rejection paths of circular 4299',
      'Findings',
      'All rows',
    ]);
  });

  test('tells of a failure what was expected, seen, where, and how to see it again', () => {
    const failure = $('main[lang="en"] .finding-fail');
    expect(failure).toHaveLength(1);
    expect(
      failure
        .find('dd')
        .map((_, cell) => $(cell).text().trim())
        .get(),
    ).toEqual([
      'redirects with error=access_denied, a description that begins consent_refused, state and iss',
      'A presses «عدم اعطای مجوز ورود یکپارچه»',
      'handled refusal',
      'the last page is a 500',
      'a page of the relying party, not 5xx',
      '500 with the text "TypeError: cannot read code of undefined"',
      'hop 4: GET http://127.0.0.1:8080/cb?error=access_denied&state=Zk3v… -> 500',
      'N32; RFC 6749 §4.1.2.1; scheme a-f; SPID error 22',
      'good / good',
      'authorization.access_denied × 1',
      'npx emta certify emta-rp.json --only C01 --profile core-must --seed 7f3aIt tests the site as it is now, not as it was on the day of this report.',
      'Evidence by row: C01',
    ]);
  });

  test('says of a control that it is one, after what the row is about, and of each observation what was expected', () => {
    const run = madeRun();
    const words = (text: string) => ({ en: text, fa: text });
    const saw = (expected: string, observed: string) =>
      ({
        kind: 'U',
        expected: words(expected),
        observed: words(observed),
        positive: true,
        evidence: words(''),
      }) as const;
    const verdicts = run.verdicts.map((verdict) =>
      verdict.id !== 'C22' || verdict.verdict !== 'pass'
        ? verdict
        : {
            ...verdict,
            oracles: [
              { ...saw('the form', 'the form'), during: words('control') },
              saw('not the form', 'a refusal'),
            ] as const,
          },
    );
    const page = load(htmlReport(makeReport({ ...run, verdicts }), { languages: ['en'] }));
    const path = page('.path-row').filter((_, article) => page(article).find('h4 bdi').first().text() === 'C22');
    const told = path.find('.observations li').map((_, item) => page(item).text().trim());
    expect(told.get()).toEqual(['a refusal (Expected: not the form)', 'control: the form (as expected)']);
  });

  test('every link leads somewhere, and no id stands twice', () => {
    const ids = $('[id]')
      .map((_, element) => $(element).attr('id'))
      .get();
    expect(ids).toHaveLength(new Set(ids).size);
    const lost = $('a[href^="#"]')
      .map((_, link) => $(link).attr('href')?.slice(1))
      .get()
      .filter((id) => !ids.includes(id));
    expect(lost).toEqual([]);
    expect(ids).toContain('C08');
  });

  test('has an anchor per row and covers every requirement', () => {
    for (const row of report.rows) expect($(`main[lang="fa"] tr#${row.id}`)).toHaveLength(1);
    expect($('main[lang="en"] .coverage tbody tr')).toHaveLength(35);
  });

  test('shows what a site answered as text, masked', () => {
    expect(html).not.toContain('<script>alert(1)</script>');
    expect($('.evidence blockquote').first().text()).toContain('<script>alert(1)</script>');
    expect(html).not.toContain('09123456789');
    expect(html).not.toContain('۰۰۱۲۳۴۵۶۷۸');
  });

  test('comes in one language where asked', () => {
    const english = load(htmlReport(report, { languages: ['en'] }));
    expect(english('html').attr()).toMatchObject({ lang: 'en', dir: 'ltr' });
    expect(english('main')).toHaveLength(1);
    expect(english('.languages')).toHaveLength(0);
  });
});

describe('the words', () => {
  const fa = texts('fa');
  const en = texts('en');
  const duties = texts('duties-fa');
  const templates = readdirSync(folder)
    .filter((name) => name.endsWith('.njk'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

  test('are the same keys with the same placeholders in both languages', () => {
    expect(Object.keys(fa)).toEqual(Object.keys(en));
    const holes = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
    for (const key of Object.keys(fa)) expect({ key, holes: holes(fa[key]) }).toEqual({ key, holes: holes(en[key]) });
  });

  test('are all used', () => {
    const families = [...templates.matchAll(/'(report\.[\w.-]+\.)' \+/g)].map(([, start]) => String(start));
    const unused = Object.keys(en).filter(
      (key) => !templates.includes(`'${key}'`) && !families.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  test('say in English what the catalogue says in the shorthand of those who wrote it', () => {
    const plain = texts('rows-en');
    const said = loadCatalogue().flatMap(({ idp, stimulus, required }) => [idp, stimulus, required]);
    expect(Object.keys(plain).filter((text) => !said.includes(text))).toEqual([]);
    const shorthand = /\b(?:In|Out|jars?|needles?|carriers?|fingerprints?|warn|d[1-7])\b|\bno 5xx/;
    expect(said.map((text) => plain[text] ?? text).filter((text) => shorthand.test(text))).toEqual([]);
  });

  test('name a harm for each group of rows, and for each row of the paths of the circular', () => {
    const rows = loadCatalogue();
    const groups = new Set(rows.map(({ group }) => group));
    const named = Object.keys(en).flatMap((key) =>
      key.startsWith('report.harm.') ? [key.slice('report.harm.'.length)] : [],
    );
    const paths = $('main[lang="en"] .path-row h4 .row-link')
      .map((_, link) => $(link).text())
      .get();
    expect(named).toEqual(expect.arrayContaining([...groups, ...paths]));
    expect(named.filter((name) => !groups.has(name) && !rows.some(({ id }) => id === name))).toEqual([]);
  });

  test('put what each row does and demands into Persian, and nothing else', () => {
    const demanded = loadCatalogue().flatMap(({ idp, stimulus, required }) => [idp, stimulus, required]);
    expect(Object.keys(texts('rows-fa'))).toEqual([...new Set(demanded)].filter((text) => text !== '-'));
  });

  test('name codes and parameters of a row as they are, apart from the Persian about them', () => {
    const names = /\b(?:[A-R]\d\d|[ABXYCM]|HTML|JSON|PKCE|TLS)\b/g;
    const codes = (text: string) => text.split('`').filter((_, index) => index % 2 === 1);
    for (const [english, persian] of Object.entries(texts('rows-fa'))) {
      const prose = persian.split('`').filter((_, index) => index % 2 === 0);
      expect({ english, wrong: /[\w,;?]/.exec(prose.join('').replaceAll(names, ''))?.[0] ?? null }).toEqual({
        english,
        wrong: null,
      });
      expect(codes(persian)).toEqual(expect.arrayContaining(codes(english)));
      expect({ english, marks: persian.split('`').length % 2 }).toEqual({ english, marks: 1 });
    }
  });

  test('put every level and every clause into Persian that is no name of a standard', () => {
    const said = [
      ...loadCatalogue().flatMap(({ clauses }) => clauses),
      ...loadRequirements().flatMap(({ level, clauses }) => [level, ...clauses]),
    ];
    const known = Object.keys(texts('clauses-fa'));
    expect(known.filter((clause) => !said.includes(clause))).toEqual([]);
    const standard = /^(?:N\d+$|(?:RFC|OIDC|ASVS|CVE|OAuth) ?[\w-]+|OIDF |FAPI\d |WSTG-|CWE-)/;
    expect(said.filter((clause) => !known.includes(clause) && !standard.test(clause))).toEqual([]);
  });

  test('put every requirement of the standards into Persian', () => {
    expect(Object.keys(texts('requirements-fa'))).toEqual(loadRequirements().map(({ id }) => id));
  });

  test('put every duty into Persian', () => {
    expect(Object.keys(duties)).toEqual(loadCatalogue().map(({ id }) => id));
    for (const [id, duty] of Object.entries(duties))
      expect({ id, hasModal: /باید|شایسته است/.test(duty) }).toEqual({ id, hasModal: true });
  });

  test('hold no Arabic letters, stray spaces or joiners at the edge of a word', () => {
    for (const [key, text] of Object.entries({ ...fa, ...duties, ...texts('requirements-fa'), ...texts('rows-fa') })) {
      expect({ key, wrong: /[يك]|^\s|\s$|\u200c(?=[\s.،؛:»]|$)|(?<=[\s«]|^)\u200c/.test(text) }).toEqual({
        key,
        wrong: false,
      });
    }
  });
});
