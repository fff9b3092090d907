import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { belongsTo, loadCatalogue } from '../conformance/catalogue.ts';
import { denying } from '../conformance/certification.ts';
import type { Profile } from '../conformance/verdict.ts';
import { personas } from '../fixtures/personas.ts';
import { type CodeBlock, codeBlocksOf, commandsOf, pagesOf } from './code-blocks.ts';
import { lacking } from './failure/programs.ts';
import { librarySites } from './libraries/sites.ts';
import { openPageSession, type PageSession } from './page-session.ts';

// What the README and the pages of scripts/docs promise. Their blocks are run here, in the order of the page.

const root = process.cwd();
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');
const pages = pagesOf(root).map((page) => ({ page, blocks: codeBlocksOf(page, textOf(page)) }));
const pageOf = (name: string) => pages.find(({ page }) => page.endsWith(name))?.blocks ?? [];
interface Step {
  readonly run?: string;
  readonly with?: { readonly path?: string };
}
const isShell = ({ language, notRun }: CodeBlock): boolean => language === 'sh' && notRun === undefined;

/** Why nobody would notice if a block were wrong; undefined where somebody would. */
function unproven(block: CodeBlock, all: readonly CodeBlock[]): string | undefined {
  const { language, file, notRun, cutFrom, settingsOf } = block;
  if (notRun !== undefined || language === 'text' || language === 'sh') return undefined;
  if (settingsOf !== undefined) {
    return librarySites.some(({ library }) => library === settingsOf) ? undefined : `nobody runs ${settingsOf}`;
  }
  if (cutFrom !== undefined) {
    return /^(conformance\/examples|scripts\/(recipes|libraries))\//.test(cutFrom)
      ? undefined
      : `${cutFrom} is run by no test`;
  }
  if (language === 'json' || language === 'yaml') return undefined;
  if (!['js', 'ts'].includes(language)) return `"${language}" is run by nobody`;
  if (file === undefined) return 'it names no file';
  const commands = all.filter(isShell).flatMap(commandsOf);
  const isUsed = commands.some(
    (command) => command.includes(file) || (/^emta\.config/.test(file) && /serve/.test(command)),
  );
  return isUsed ? undefined : `no command of the page uses ${file}`;
}

test('every block of code is run, or says why not', () => {
  const found = pages.flatMap(({ blocks }) =>
    blocks.flatMap((block) => {
      const why = unproven(block, blocks);
      return why === undefined ? [] : [`${block.page}:${block.line}: ${why}`];
    }),
  );
  expect(found).toEqual([]);
});

test.each([
  ['```\nx\n```', '"" is run by nobody'],
  ['```php\nx\n```', '"php" is run by nobody'],
  ['```js\nx\n```', 'it names no file'],
  ['Save it as `a.mjs`:\n```js\nx\n```', 'no command of the page uses a.mjs'],
  ['<!-- file: provider/app.ts -->\n```ts\nx\n```', 'provider/app.ts is run by no test'],
  ['<!-- settings: Spring Security -->\n```yaml\nx\n```', 'nobody runs Spring Security'],
  ['<!-- settings: Auth.js -->\n```js\nx\n```', undefined],
  ['Save it as `a.mjs`:\n```js\nx\n```\n```sh\nnode a.mjs\n```', undefined],
  ['Not run here: it needs PHP.\n```php\nx\n```', undefined],
])('judges %j', (markdown, why) => {
  const blocks = codeBlocksOf('a.md', markdown);
  expect(blocks[0] && unproven(blocks[0], blocks)).toBe(why);
});

test('reads commands as a shell does', () => {
  const [block] = codeBlocksOf('a.md', '  ```sh\n  one --a \\\n    --b   # why\n  # nothing\n  two\n  ```\n');
  expect(block && commandsOf(block)).toEqual(['one --a --b', 'two']);
});

test('every link leads somewhere', () => {
  const anchorsIn = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\u200c _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const dead = pages.flatMap(({ page }) =>
    [...textOf(page).matchAll(/(?<!`)\[[^\]]*\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(
      ([whole, path, anchor]) => {
        const target = path ? join(dirname(page), path) : page;
        if (!existsSync(join(root, target))) return [`${page}: ${whole}`];
        return anchor && !anchorsIn(textOf(target)).includes(anchor) ? [`${page}: ${whole}`] : [];
      },
    ),
  );
  expect(dead).toEqual([]);
});

test('data and recipes can be read', () => {
  for (const { blocks } of pages) {
    for (const { language, text } of blocks) {
      if (language === 'json') expect(() => JSON.parse(text)).not.toThrow();
      if (language === 'yaml') expect(Object.keys(parse(text, { strict: true }))).not.toEqual([]);
    }
  }
});

describe('in a folder of its own', () => {
  let session: PageSession;
  beforeEach(async () => {
    session = await openPageSession(root);
  });
  afterEach(() => session.close());

  // The Persian page has the README's commands, which the test below sees to.
  const withCommands = pages.filter(({ page, blocks }) => !page.endsWith('.fa.md') && blocks.some(isShell));
  test.each(withCommands.map(({ page, blocks }) => [page, blocks] as const))(
    '%s does what it says',
    async (_page, blocks) => {
      for (const block of blocks.filter(({ notRun }) => notRun === undefined)) {
        if (block.file !== undefined) session.write(block.file, block.text);
        else if (block.language === 'sh') for (const command of commandsOf(block)) await session.run(command);
      }
    },
    300_000,
  );

  test('npx finds the command in a clone', async () => {
    const { version } = JSON.parse(textOf('package.json'));
    // Quoted, lest the session takes the command by its path.
    for (const npx of ['npx -- "emta"', 'npx --no -- "emta"']) {
      expect((await session.run(`${npx} --version`)).trim().split('\n')).toContain(version);
    }
  }, 60_000);

  test('a first login goes as the README tells it', async () => {
    const readme = textOf('README.md');
    const typedBy = (id: string) => {
      const person = personas({ now: () => 0 }).find((one) => one.id === id);
      const { birth, nationalCode, mobile } = person?.typed ?? {};
      const born = [birth?.year, birth?.month.padStart(2, '0'), birth?.day].join(' / ');
      return { citizen: person?.citizen, nationalCode, mobile: mobile?.replace('+98', '0'), born };
    };
    const { citizen, ...typed } = typedBy('married-woman');
    expect(readme).toContain(`mobile number \`${typed.mobile}\`, press`);
    expect(readme).toContain(`write the national code \`${typed.nationalCode}\` where it is asked for`);
    expect(readme).toContain(`national code \`${typed.nationalCode}\`, \`${typed.born}\` and that code`);
    const other = typedBy('not-owner');
    expect(readme.replaceAll(/\s+/g, ' ')).toContain(
      `\`${other.mobile}\`, \`${other.nationalCode}\` and \`${other.born}\``,
    );
    expect(readme).toContain(`filled in with the data of ${citizen?.givenName} ${citizen?.familyName}`);
    const words: Readonly<Record<string, string>> = JSON.parse(textOf('views/messages/fa.json'));
    const said = await session.run('npm start');
    expect(said).toContain(session.moved('http://localhost:4300'));
    const site = await (await fetch(session.moved('http://localhost:4300'))).text();
    expect(site).toContain(words['site.signin.user']);
    expect(site).toContain(/press «(.+?)»\.$/m.exec(readme)?.[1]);
    expect((await fetch(session.moved('http://localhost:4299/_emta/'))).status).toBe(200);
    const told = [...readme.matchAll(/«([^»]+)»/g)].map(([, text]) => text);
    const buttons = ['emta.continue', 'emta.verify.submit', 'emta.consent.grant', 'emta.consent.refuse'];
    const pages = ['site.info.title', 'site.ended.refused'];
    for (const key of ['site.signin.register', ...buttons, ...pages]) expect(told).toContain(words[key]);
  });

  test('the lines of the recipes for CI run, and leave a report, its signature and JUnit behind', async () => {
    const gitlab = parse(textOf('scripts/recipes/gitlab-ci.yml'));
    const github = parse(textOf('scripts/recipes/github-actions.yml'));
    const stepsOf = (job: string): readonly Step[] => github.jobs[job].steps;
    const linesOf = (job: string) =>
      stepsOf(job).flatMap(({ run }) => (run === undefined || run === 'npm ci' ? [] : run));
    const [summary = '', ...others] = linesOf('certify').slice(2);
    expect(others).toEqual([]);
    expect(linesOf('push')).toEqual(gitlab.push.script);
    expect(linesOf('certify').slice(0, 2)).toEqual(gitlab.certify.script);
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const pageOfCi = pageOf('ci.md');
    for (const { file, text } of pageOfCi) if (file !== undefined) session.write(file, text);
    await session.run(`export KEY='${key}'; ${gitlab.certify.script[0]}`);
    for (const line of [...gitlab.push.script, ...gitlab.certify.script.slice(1)]) await session.run(line);
    await session.run(`export GITHUB_STEP_SUMMARY=summary.md; ${summary}`);
    expect(readFileSync(join(session.folder, 'summary.md'), 'utf8')).toBe(
      'partial\n- only chosen rows were run, which certifies nothing\n',
    );
    const kept = ['report.json', 'report.json.sig', 'report.html', 'junit.xml'];
    expect(gitlab.certify.artifacts.paths).toEqual(kept);
    expect(stepsOf('certify').flatMap((step) => step.with?.path?.trim().split(/\s+/) ?? [])).toEqual(kept);
    for (const file of kept) expect(existsSync(join(session.folder, file))).toBe(true);
    const { header } = JSON.parse(readFileSync(join(session.folder, 'report.json'), 'utf8'));
    expect(header.command).toBe(
      `EMTA_URL=${session.issuer} npx emta certify emta-rp.json --only C01,D01 --profile core-must --seed ci`,
    );
    await session.run('npx emta verify-report report.json');
    // The push's rows turn red where the page says so; what only a warning is stays what it is.
    const rp = pageOfCi.find(({ file }) => file === 'emta-rp.json')?.text ?? '';
    const shop = textOf('conformance/examples/own-site/shop.mjs');
    const changed = (...changes: readonly (readonly [string, string])[]) => {
      const text = changes.reduce((before, [from, to]) => {
        expect(before).toContain(from);
        return before.replace(from, to);
      }, shop);
      session.write('changed.mjs', text);
      session.write('emta-rp.json', rp.replace('conformance/examples/own-site/shop.mjs', 'changed.mjs'));
    };
    changed(
      ["said[0] === 'access_denied' || said[0] === ''", 'false'],
      ["text.startsWith('mobile_", "text.startsWith('never_"],
    );
    await expect(session.run(gitlab.push.script[0])).rejects.toThrow(/C01 fail[\s\S]*D01 fail/);
    changed(
      ["!login || url.searchParams.get('state') !== login.state", '!login'],
      ['expectedState: login.state', 'expectedState: oidc.skipStateCheck'],
    );
    expect(await session.run('npx emta certify emta-rp.json --only F05,F06')).toContain('\n2 warned\n');
  }, 300_000);

  const lack = lacking('nginx');
  test(`the proxy recipe${lack === undefined ? '' : ` is not tried here, which ${lack}`}`, () => {
    if (process.env.CI === 'true') expect(lack).toBeUndefined();
  });

  (lack === undefined ? test : test.skip)(
    'a site and Emta behind the proxy of the recipe speak https alone, and the site is judged as without it',
    async () => {
      const behindProxy = (text: string) =>
        text
          .replaceAll('http://localhost:8080', 'https://localhost:8443')
          .replaceAll('http://localhost:4299', 'https://localhost:8444');
      const recipe = textOf('scripts/recipes/nginx-https.conf');
      session.write('nginx-https.conf', recipe);
      for (const { file, text } of pageOf('relying-parties.md')) {
        if (file === 'shop.mjs' || file === 'emta-rp.json') session.write(file, behindProxy(text));
      }
      const commands = [...recipe.matchAll(/^# {3}(.+?)(?: +#.*)?$/gm)].map(([, command = '']) => command);
      expect(commands).toHaveLength(4);
      for (const command of commands) await session.run(command);
      const trusting = 'NODE_EXTRA_CA_CERTS=.emta/tls/ca.pem';
      await session.run(`SITE=https://localhost:8443 ${trusting} node shop.mjs`);
      // What is easily forgotten in a small site, beside refusal and mismatch.
      const rows = 'C01,C05,C14,D01,D04,G01,H16,H24,H28,I04,J07';
      const command = `npx emta certify emta-rp.json --emta https://localhost:8444 --only ${rows}`;
      expect(await session.run(`${trusting} ${command}`)).toContain('\n11 passed\n');
    },
    300_000,
  );

  test('a browser on the host and a site in a container see one issuer, whatever name they ask', async () => {
    const compose = parse(textOf('scripts/recipes/compose.yaml'));
    expect(compose.services.site.network_mode).toBe('service:emta');
    expect(compose.services.site.depends_on).toEqual({ emta: { condition: 'service_healthy' } });
    expect(compose.services.site.environment.OIDC_ISSUER).toBe(compose.services.emta.environment.EMTA_ISSUER);
    expect(compose.services.emta.ports).toEqual(['127.0.0.1:4299:4299', '127.0.0.1:8080:8080']);
    await session.run('npx emta serve --issuer http://emta.test:4299');
    for (const name of ['localhost', '127.0.0.1']) {
      const answer = await fetch(session.moved(`http://${name}:4299/.well-known/openid-configuration`));
      const { issuer, token_endpoint } = (await answer.json()) as { issuer: string; token_endpoint: string };
      expect(issuer).toBe(session.moved('http://emta.test:4299'));
      expect(token_endpoint.startsWith(issuer)).toBe(true);
    }
    const token = compose.services.emta.environment.EMTA_CONTROL_TOKEN;
    await session.run(`npx emta serve --issuer http://localhost:4299 --host 0.0.0.0 --control-token ${token}`);
    const [, command = ''] = /^`(EMTA_CONTROL_TOKEN=.+?)`\.$/m.exec(textOf('scripts/docs/developers.md')) ?? [];
    expect(await session.run(command)).toContain('\n2 passed\n');
  }, 120_000);
});

test('the pages count rows as the catalogue does', () => {
  const rowsOf = (profile: Profile) => loadCatalogue().filter((row) => belongsTo(row, profile)).length;
  const [core, strict, audit] = [rowsOf('core-must'), rowsOf('emta-strict'), rowsOf('audit')];
  const oneLine = (page: string) => textOf(page).replaceAll(/\s+/g, ' ');
  const inPersian = (count: number) => count.toLocaleString('fa', { useGrouping: false });
  expect(oneLine('README.md')).toContain(
    `the rest of the ${core} requirements of \`core-must\`; \`--profile audit\` takes all ${audit}`,
  );
  expect(oneLine('scripts/docs/README.fa.md')).toContain(`در مجموع ${inPersian(core)} ردیف`);
  expect(oneLine('scripts/docs/README.fa.md')).toContain(`هر ${inPersian(audit)} ردیف`);
  expect(oneLine('scripts/docs/rows.md')).toContain(
    `The profile \`core-must\` has ${core} rows, \`emta-strict\` ${strict} with these, \`audit\` all ${audit}.`,
  );
});

test('the page for CI names every option of certifyRelyingParty', () => {
  const [, told = ''] = /The options are ([\s\S]*?)\. A test is red/.exec(textOf('scripts/docs/ci.md')) ?? [];
  const options = [...textOf('conformance/jest/index.ts').matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
  expect(options.length).toBeGreaterThan(0);
  expect([...told.matchAll(/`([a-z]\w+)`/g)].map(([, name]) => name).sort()).toEqual(options.sort());
});

test('the page on rows says which of them deny a certificate', () => {
  const told = /Failures and doubts of severity ([^.;]+?) deny a certificate/.exec(
    textOf('scripts/docs/rows.md').replaceAll(/\s+/g, ' '),
  );
  expect(told?.[1]?.match(/\w+(?=\*)/g)).toEqual(denying);
});

test('the Persian page gives the commands of the README', () => {
  const commands = (name: string) => pageOf(name).filter(isShell).flatMap(commandsOf);
  expect(commands('README.fa.md')).toEqual(commands('README.md'));
});

test('the README is short, and its pages are all linked', () => {
  const readme = textOf('README.md');
  expect(Buffer.byteLength(readme.replace(/<details>[\s\S]*?<\/details>/g, ''))).toBeLessThan(20_000);
  for (const { page } of pages.slice(1)) expect(readme).toContain(`(${page}`);
});

test('the relying party of the documentation has blocks to run', () => {
  expect(pageOf('relying-parties.md').filter(isShell).flatMap(commandsOf)).toContain('node shop.mjs');
});
