import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import layers from './layers.cjs';

const root = process.cwd();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'emta-mock-layers-')));
afterAll(() => rmSync(folder, { recursive: true }));

const rules = (layers.forbidden ?? []).map((rule) => rule.name ?? '');

/** A violation per rule: the file that does it and what it imports. */
const planted: readonly (readonly [rule: string, file: string, target: string])[] = [
  ['provider-kernel-imports-downwards', 'provider/kernel/a.ts', '../registry/mobile.ts'],
  ['provider-registry-imports-downwards', 'provider/registry/a.ts', '../claims/table.ts'],
  ['provider-captcha-imports-downwards', 'provider/captcha/a.ts', '../sms/outbox.ts'],
  ['provider-claims-imports-downwards', 'provider/claims/a.ts', '../steps/index.ts'],
  ['provider-faults-imports-downwards', 'provider/faults/a.ts', '../oidc/clients.ts'],
  ['provider-journal-imports-downwards', 'provider/journal/a.ts', '../store/memory.ts'],
  ['provider-sms-imports-downwards', 'provider/sms/a.ts', '../journal/journal.ts'],
  ['provider-store-imports-downwards', 'provider/store/a.ts', '../http/router.ts'],
  ['provider-tls-imports-downwards', 'provider/tls/a.ts', '../store/memory.ts'],
  ['provider-steps-imports-downwards', 'provider/steps/a.ts', '../oidc/clients.ts'],
  ['provider-oidc-imports-downwards', 'provider/oidc/a.ts', '../http/router.ts'],
  ['provider-http-imports-downwards', 'provider/http/a.ts', '../app.ts'],
  ['app-does-not-know-server', 'provider/options.ts', './server.ts'],
  ['only-oidc-knows-oidc-provider', 'provider/http/b.ts', 'oidc-provider'],
  ['only-oidc-knows-oidc-provider', 'conformance/driver/a.ts', 'oidc-provider'],
  ['only-http-knows-koa-and-nunjucks', 'provider/oidc/b.ts', 'koa'],
  ['only-http-knows-koa-and-nunjucks', 'provider/steps/b.ts', 'nunjucks'],
  ['only-http-knows-koa-and-nunjucks', 'provider/sms/b.ts', '@koa/router'],
  ['provider-does-not-know-fixtures', 'provider/registry/b.ts', '../../fixtures/personas.ts'],
  ['provider-does-not-know-conformance', 'provider/http/c.ts', '../../conformance/judge.ts'],
  ['fixtures-know-registry-and-kernel', 'fixtures/a.ts', '../provider/steps/index.ts'],
  ['conformance-has-one-door-to-provider', 'conformance/driver/b.ts', '../../provider/app.ts'],
  ['conformance-has-one-door-to-provider', 'conformance/test/b.test.ts', '../../provider/app.ts'],
  ['conformance-does-not-know-fixtures', 'conformance/driver/c.ts', '../../fixtures/personas.ts'],
  ['sale-site-stands-alone', 'conformance/sale-site/a.ts', '../judge.ts'],
  ['nothing-shipped-knows-tests-or-scripts', 'conformance/c.ts', './test/rps/tool.ts'],
  ['nothing-shipped-knows-tests-or-scripts', 'provider/http/d.ts', '../../scripts/tool.ts'],
  ['nothing-shipped-needs-a-development-package', 'conformance/d.ts', 'express'],
  ['no-cycles', 'conformance/cycle-a.ts', './cycle-b.ts'],
  ['every-import-is-found', 'conformance/e.ts', './nowhere.ts'],
];

/** What must stay allowed. */
const innocent: readonly (readonly [file: string, target: string])[] = [
  ['provider/kernel/ports.ts', '../registry/citizen.ts'],
  ['provider/registry/c.ts', '../kernel/clock.ts'],
  ['provider/steps/c.ts', '../faults/catalogue.ts'],
  ['provider/oidc/c.ts', 'oidc-provider'],
  ['provider/http/e.ts', 'koa'],
  ['provider/app.ts', './http/router.ts'],
  ['provider/server.ts', './app.ts'],
  ['provider/server.ts', '../fixtures/personas.ts'],
  ['provider/steps/c.test.ts', '../../fixtures/personas.ts'],
  ['fixtures/personas.ts', '../provider/registry/citizen.ts'],
  ['conformance/cycle-b.ts', './cycle-a.ts'],
  ['conformance/embedded.ts', '../provider/server.ts'],
  ['conformance/sale-site/c.ts', './d.ts'],
  ['conformance/test/c.test.ts', 'express'],
];

const leaves = [
  ...['kernel/clock', 'registry/citizen', 'registry/mobile', 'claims/table', 'faults/catalogue', 'steps/index'],
  ...['sms/outbox', 'store/memory', 'journal/journal', 'oidc/clients', 'http/router', 'test/walk'],
].map((name) => `provider/${name}.ts`);

test('every layer rule catches its planted violation, and allows what it should', () => {
  const imports = [...planted.map(([, file, target]) => [file, target] as const), ...innocent];
  const files = new Map<string, string>();
  for (const file of [
    ...leaves,
    'conformance/judge.ts',
    'conformance/sale-site/d.ts',
    'conformance/test/rps/tool.ts',
    'scripts/tool.ts',
  ]) {
    files.set(file, 'export const here = 1;\n');
  }
  for (const [index, [file, target]] of imports.entries()) {
    const what = ['', 'type { A } from ', '{ a } from '][index % 3];
    files.set(file, `${files.get(file) ?? ''}import ${what}'${target}';\n`);
  }
  for (const name of ['koa', 'nunjucks', '@koa/router', 'oidc-provider', 'express']) {
    files.set(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    files.set(`node_modules/${name}/index.js`, '');
  }
  const packages = { koa: '1', nunjucks: '1', '@koa/router': '1', 'oidc-provider': '1' };
  files.set('package.json', JSON.stringify({ dependencies: packages, devDependencies: { express: '1' } }));
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const wanted = planted.map(([rule, file]) => `${rule}: ${file}`).sort();
  expect(violationsIn(folder)).toEqual(wanted);
});

test('every rule has a planted violation', () => {
  expect([...new Set(planted.map(([rule]) => rule))].sort()).toEqual([...rules].sort());
});

test('every folder of the provider has its place among the layers', () => {
  const folders = readdirSync(join(root, 'provider'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'test')
    .map((entry) => `provider-${entry.name}-imports-downwards`);
  expect(folders.filter((name) => !rules.includes(name))).toEqual([]);
});

/** `rule: file` of each violation, sorted. */
function violationsIn(base: string): readonly string[] {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, 'scripts/layers.cjs');
  const args = [cruiser, '--config', config, '--output-type', 'json', 'provider', 'fixtures', 'conformance', 'scripts'];
  const done = spawnSync(process.execPath, args, { cwd: base, encoding: 'utf8' });
  expect(done.stderr).toBe('');
  const report: { summary: { violations: { rule: { name: string }; from: string }[] } } = JSON.parse(done.stdout);
  return report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}
