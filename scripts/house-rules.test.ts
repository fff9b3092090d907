import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { missingFromLock } from './complete-lock.mjs';
import {
  dependenciesWithoutLine,
  houseRules,
  linesWithoutDependency,
  neededInstallScripts,
  sourceOf,
  strayWords,
  wordsSetAside,
} from './house-rules.ts';

const root = process.cwd();
const files = filesOf(root).filter((file) => !/\.(woff2|png|svg|ico|log)$/.test(file));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const sources = files.map((file) => sourceOf(file, text(file)));

// In two pieces, or this file would break the rule itself.
const home = ['', 'home', 'somebody'].join('/');

/** What each rule must catch, as file, text and finding. */
const planted: Readonly<Record<string, readonly (readonly [file: string, text: string, finding: string])[]>> = {
  'css-logical': [['views/assets/a.css', 'a {\n  margin-left: 0;\n}', 'line 2: left']],
  'nothing-from-elsewhere': [
    ['views/assets/a.css', "@import 'https://cdn.example/a.css';", "line 1: @import 'https://"],
    ['views/emta/a.njk', '<img src="//cdn.example/a.png">', 'line 1: src="//'],
  ],
  'no-safe-filter': [['views/emta/a.njk', '{{ name|safe }}', 'line 1: |safe']],
  'no-persian-in-templates': [['views/emta/a.njk', '<p>\nن</p>', 'line 2: ن']],
  'no-inline-script-or-style': [
    ['views/emta/a.njk', '<script>1</script>', 'line 1: <script'],
    ['views/emta/a.njk', '<p style="color:red">', 'line 1: style='],
    ['views/emta/a.njk', '<a onclick="x()">', 'line 1: onclick='],
    ['views/report/a.njk', '<script src="a.js"></script>', 'line 1: <script'],
  ],
  'persian-in-text-and-fixtures': [
    ['provider/http/a.ts', "// سلام\nexport const a = 'سلام';", 'line 2: Persian text'],
    ['provider/http/a.ts', 'export const a = `سلام`;', 'line 1: Persian text'],
  ],
  'time-comes-from-the-clock': [
    ['provider/steps/a.ts', 'export const a = Date.now();', 'line 1: Date.now'],
    ['conformance/a.ts', 'export const a = new Date();', 'line 1: new Date()'],
  ],
  'chance-comes-from-random': [['fixtures/a.ts', 'export const a = Math.random();', 'line 1: Math.random']],
  'no-console': [['provider/app.ts', "console.log('a');", 'line 1: console.log']],
  'environment-at-the-entry': [
    ['provider/app.ts', 'export const a = process.env.A;', 'line 1: process.env'],
    ['conformance/a.ts', 'process.exitCode = 1;', 'line 1: process.exitCode'],
  ],
  'no-enum-any-or-assertion': [
    ['provider/a.ts', 'enum A { B }', 'line 1: enum'],
    ['provider/a.ts', 'export const a: any = 1;', 'line 1: any'],
    ['provider/a.ts', 'export const a = b!;', 'line 1: !'],
    ['provider/a.ts', 'namespace A { export const b = 1; }', 'line 1: namespace'],
  ],
  'named-exports': [['provider/a.ts', 'export default 1;', 'line 1: export default']],
  'no-machine-paths': [['README.md', `see\n${home}/emta`, `line 2: ${home}`]],
  'lock-file-names-no-host': [
    ['package-lock.json', '{\n"resolved": "https://a.example/a.tgz" }', 'line 2: "resolved"'],
  ],
  'kebab-case': [['provider/http/errorPage.ts', '', 'line 1: the file name']],
};

test.each(houseRules)('$id: $says', ({ appliesTo, violations }) => {
  const found = sources
    .filter(({ file }) => appliesTo(file))
    .flatMap((source) => violations(source).map((one) => `${source.file} ${one}`));
  expect(found).toEqual([]);
});

test.each(houseRules)('$id catches its planted violation', ({ id, appliesTo, violations }) => {
  const plants = planted[id] ?? [];
  expect(plants).not.toEqual([]);
  for (const [file, violation, finding] of plants) {
    expect(appliesTo(file)).toBe(true);
    expect(violations(sourceOf(file, violation))).toEqual([finding]);
  }
});

test('comments, tests, fixtures and the named files may do what the rules forbid elsewhere', () => {
  const allowed: readonly (readonly [id: string, file: string, text: string])[] = [
    ['css-logical', 'views/assets/a.css', '/* left */ a { margin-inline-start: 0 }'],
    ['persian-in-text-and-fixtures', 'provider/http/a.ts', '/** سلام */ export const a = 1;'],
    ['persian-in-text-and-fixtures', 'conformance/a.ts', 'export const a = /سلام/;'],
    ['time-comes-from-the-clock', 'provider/http/a.ts', 'export const a = new Date(0);'],
    ['no-inline-script-or-style', 'views/emta/a.njk', '<script src="{{ asset(\'a.js\') }}" defer></script>'],
    ['no-machine-paths', 'README.md', 'POST http://localhost:4299/root/work'],
  ];
  for (const [id, file, sample] of allowed) {
    expect(houseRules.find((rule) => rule.id === id)?.violations(sourceOf(file, sample))).toEqual([]);
  }
  const exempt: readonly (readonly [id: string, file: string])[] = [
    ['persian-in-text-and-fixtures', 'fixtures/personas.ts'],
    ['persian-in-text-and-fixtures', 'provider/steps/mobile.test.ts'],
    ['time-comes-from-the-clock', 'provider/kernel/clock.ts'],
    ['no-console', 'conformance/cli.ts'],
    ['environment-at-the-entry', 'provider/server.ts'],
  ];
  for (const [id, file] of exempt) expect(houseRules.find((rule) => rule.id === id)?.appliesTo(file)).toBe(false);
});

test('every dependency has a line in the README that says why it is there', () => {
  expect(dependenciesWithoutLine(text('package.json'), text('README.md'))).toEqual([]);
  const manifest = JSON.stringify({ dependencies: { koa: '1' }, devDependencies: { '@types/koa': '1' } });
  expect(dependenciesWithoutLine(manifest, 'prose on `koa`\n- `@types/koa`: types')).toEqual(['koa']);
});

test('the README explains no package that is not there', () => {
  expect(linesWithoutDependency(text('package.json'), text('README.md'))).toEqual([]);
  const readme = '## Why each dependency is here\n- `koa`, `left`: pages, `not-a-package` among them\n';
  expect(linesWithoutDependency('{"dependencies":{"koa":"1"}}', readme)).toEqual(['left']);
});

test('Persian texts keep to the words of the glossary', () => {
  const setAside = wordsSetAside(text('scripts/docs/carrying-on.md'));
  expect(setAside).toEqual(expect.arrayContaining(['توکن شناسایی', 'تأیید']));
  const persian = /^views\/.*(\.json|\.njk)$|^scripts\/docs\/README\.fa\.md$|^fixtures\/persona-reasons-fa\.ts$/;
  const found = files
    .filter((file) => persian.test(file))
    .flatMap((file) => strayWords(text(file), setAside).map((stray) => `${file} ${stray}`));
  expect(found).toEqual([]);
  expect(strayWords('{\n"a": "توکن شناسایی تأییدشده"\n}', setAside)).toEqual(['line 2: توکن شناسایی', 'line 2: تأیید']);
  expect(wordsSetAside('| a | b | c |\n| issuer | صادرکننده | صادر کننده، دیگر |')).toEqual(['صادر کننده', 'دیگر']);
});

test('no package needs a script when it is installed', () => {
  // Each of these ships its binary as a package of its own and only checks for it; `.npmrc` runs no script at all.
  const known = ['@parcel/watcher', '@swc/core', 'esbuild', 'fsevents', 'unrs-resolver'];
  expect(neededInstallScripts(text('package-lock.json'), known)).toEqual([]);
  expect(text('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  const lock = JSON.stringify({ packages: { 'node_modules/a/node_modules/bad': { hasInstallScript: true } } });
  expect(neededInstallScripts(lock, known)).toEqual(['node_modules/a/node_modules/bad']);
});

test('the lock file has an entry for every platform, or npm ci refuses it (mend with npm run lock)', () => {
  expect(missingFromLock(JSON.parse(text('package-lock.json')))).toEqual([]);
  const packages = { 'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.0.0' } } };
  expect(missingFromLock({ packages })).toEqual([{ name: 'a-linux-x64', version: '1.0.0', dev: false }]);
  expect(missingFromLock({ packages: { ...packages, 'node_modules/a-linux-x64': {} } })).toEqual([]);
});

test('names the longest files, and fails nobody for them', () => {
  const code = files.filter((file) => /\.(ts|mjs|cjs)$/.test(file));
  const sizes = code.map((file) => ({ file, lines: text(file).split('\n').length - 1 }));
  const longest = sizes.sort((one, other) => other.lines - one.lines).slice(0, 8);
  process.stderr.write(`longest files:\n${longest.map(({ file, lines }) => `  ${lines}  ${file}`).join('\n')}\n`);
  expect(longest).not.toEqual([]);
});

/** Files of the project, without what is installed or made. */
function filesOf(folder: string): readonly string[] {
  const made = ['node_modules', 'dist', 'coverage', '.git', '.emta'];
  return readdirSync(folder, { withFileTypes: true }).flatMap((top) => {
    // in a second working tree .git is a file
    if (made.includes(top.name)) return [];
    if (!top.isDirectory()) return [top.name];
    return readdirSync(join(folder, top.name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  });
}
