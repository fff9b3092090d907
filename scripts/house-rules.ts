import { dottedName, type SyntaxNode, syntaxOf } from './syntax.ts';

/** A rule of the house over the text of one file. */
export interface HouseRule {
  readonly id: string;
  /** What the rule demands, in one sentence. */
  readonly says: string;
  readonly appliesTo: (file: string) => boolean;
  /** Each violation as `line N: what was found`. */
  readonly violations: (source: Source) => readonly string[];
}

/** A file that is read once and parsed at most once. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly nodes: () => readonly SyntaxNode[];
}

export function sourceOf(file: string, text: string): Source {
  let nodes: readonly SyntaxNode[] | undefined;
  return {
    file,
    text,
    nodes() {
      nodes ??= syntaxOf(text);
      return nodes;
    },
  };
}

const persian = /[\u0600-\u06ff\u200c\ufb50-\ufdff\ufe70-\ufeff]/;
/** One each in provider/kernel, in the harness and in the sale site, which know nothing of each other. */
const isClock = (file: string): boolean => file.endsWith('/clock.ts');
const isRandom = (file: string): boolean => file.endsWith('/random.ts');

export const houseRules: readonly HouseRule[] = [
  {
    id: 'css-logical',
    says: 'CSS uses logical properties: no `left`, no `right`',
    appliesTo: (file) => file.endsWith('.css'),
    violations: ({ text }) => matches(withoutCssComments(text), /\b(?:left|right)\b/g),
  },
  {
    id: 'nothing-from-elsewhere',
    says: 'styles, scripts, fonts and pictures come from this server',
    appliesTo: (file) => /\.(css|njk)$/.test(file),
    violations: ({ text }) => matches(text, /(?:@import|url\(|\bsrc=|<link[^>]*\bhref=)\s*["']?(?:https?:)?\/\//g),
  },
  {
    id: 'no-safe-filter',
    says: 'templates escape everything: no `| safe`',
    appliesTo: (file) => file.endsWith('.njk'),
    violations: ({ text }) => matches(text, /\|\s*safe\b/g),
  },
  {
    id: 'no-persian-in-templates',
    says: 'templates use keys of views/messages, no Persian',
    appliesTo: (file) => file.endsWith('.njk'),
    violations: ({ text }) => matches(text, new RegExp(persian, 'g')),
  },
  {
    id: 'no-inline-script-or-style',
    says: 'pages carry no inline script, style or event handler (the report may carry its style sheet)',
    appliesTo: (file) => file.endsWith('.njk'),
    violations: ({ text, file }) =>
      matches(
        text,
        file.startsWith('views/report/')
          ? /<script\b|\son[a-z]+=|\sstyle=/g
          : /<script(?![^>]*\bsrc=)|<style\b|\son[a-z]+=|\sstyle=/g,
      ),
  },
  {
    id: 'persian-in-text-and-fixtures',
    says: 'Persian to be shown stands in views/messages, fixtures and provider/kernel/text.ts only',
    appliesTo: (file) => isCode(file) && !isTest(file) && !readsPersian(file),
    // Comments, escapes and patterns show nothing to anybody.
    violations: ofNodes(({ members, type }) =>
      ['StringLiteral', 'TemplateElement'].includes(type) && persian.test(textOf(members.raw))
        ? 'Persian text'
        : undefined,
    ),
  },
  {
    id: 'time-comes-from-the-clock',
    says: 'Date.now and new Date() stand in clock.ts only',
    appliesTo: (file) => isShipped(file) && !isClock(file),
    violations: ofNodes((node) => {
      if (node.type === 'MemberExpression' && dottedName(node.members) === 'Date.now') return 'Date.now';
      const bare = dottedName(node.members.callee) === 'Date' && isEmptyList(node.members.arguments);
      return node.type === 'NewExpression' && bare ? 'new Date()' : undefined;
    }),
  },
  {
    id: 'chance-comes-from-random',
    says: 'Math.random stands in random.ts only',
    appliesTo: (file) => isShipped(file) && !isRandom(file),
    violations: ofMembers(/^Math\.random$/),
  },
  {
    id: 'no-console',
    says: 'only the entry of a process prints: no console elsewhere',
    // The library's one line about Node 20 is taken out where the library is imported.
    appliesTo: (file) => isShipped(file) && !isEntry(file) && file !== 'provider/oidc/library.ts',
    violations: ofMembers(/^console\./),
  },
  {
    id: 'environment-at-the-entry',
    says: 'process.env and exit codes belong to the entry of a process',
    appliesTo: (file) => isShipped(file) && !isEntry(file),
    violations: ofMembers(/^process\.(env|exit|exitCode)$/),
  },
  {
    id: 'no-enum-any-or-assertion',
    says: 'no enum, namespace, decorator, `any` or `!`',
    appliesTo: (file) => file.endsWith('.ts'),
    violations: (source) => {
      const lines = source.text.split('\n');
      // A test may say in so many words why it needs one.
      const isExcused = (line: number) => isTest(source.file) && lines[line - 2]?.includes('noExplicitAny: ') === true;
      return ofNodes((node) => {
        const isAny = node.type === 'TsKeywordType' && node.members.kind === 'any';
        if (isAny) return isExcused(node.line) ? undefined : 'any';
        return node.members.declare === true ? undefined : forbiddenSyntax[node.type];
      })(source);
    },
  },
  {
    id: 'named-exports',
    says: 'modules export by name',
    appliesTo: (file) => file.endsWith('.ts'),
    violations: ofNodes(({ type }) =>
      type === 'ExportDefaultExpression' || type === 'ExportDefaultDeclaration' ? 'export default' : undefined,
    ),
  },
  {
    id: 'no-machine-paths',
    says: 'no path of a machine is committed',
    appliesTo: (file) => !file.endsWith('.woff2'),
    violations: ({ text }) =>
      matches(text, /(?<![\w.:/-])\/(?:home|root|Users|work|mnt)\/[\w.-]+|\b[A-Z]:\\Users\\|\/tmp\/[\w-]+_jobs/g),
  },
  {
    id: 'lock-file-names-no-host',
    says: 'package-lock.json names no registry',
    appliesTo: (file) => file === 'package-lock.json' || file === '.npmrc',
    violations: ({ text }) => matches(text, /"resolved"|^\s*registry\s*=/gm),
  },
  {
    id: 'kebab-case',
    says: 'files are named in kebab-case',
    appliesTo: (file) => /\.(ts|mjs|cjs|css|njk|json)$/.test(file),
    violations: ({ file }) =>
      (file.split('/').at(-1) ?? '').match(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/) ? [] : ['line 1: the file name'],
  },
];

const forbiddenSyntax: Readonly<Record<string, string>> = {
  TsEnumDeclaration: 'enum',
  TsModuleDeclaration: 'namespace',
  TsNonNullExpression: '!',
  TsParameterProperty: 'parameter property',
  Decorator: 'decorator',
};

/** Names of `dependencies` and `devDependencies` that the README gives no line of their own. */
export function dependenciesWithoutLine(packageJson: string, readme: string): readonly string[] {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(packageJson);
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const lines = readme.split('\n').filter((line) => /^(\||-)/.test(line));
  return names.filter((name) => !lines.some((line) => line.includes(`\`${name}\``)));
}

/** Packages that the README's list explains although nothing depends on them any more. */
export function linesWithoutDependency(packageJson: string, readme: string): readonly string[] {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(packageJson);
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const [, list = ''] = readme.split('## Why each dependency is here');
  const explained = list
    .split('\n')
    .flatMap((line) => /^- ((?:`[^`]+`,? ?)+):/.exec(line)?.[1]?.match(/[^`, ]+/g) ?? []);
  return explained.filter((name) => !names.includes(name));
}

/** The words that the glossary sets aside, from the third column of its table. */
export function wordsSetAside(glossary: string): readonly string[] {
  const rows = glossary
    .split('\n')
    .flatMap((line) => /^\|[^|]+\|[^|]*[\u0600-\u06ff][^|]*\|([^|]*)\|$/.exec(line)?.[1] ?? []);
  return rows.flatMap((cell) => cell.split('\u060c').map((word) => word.trim())).filter((word) => word !== '');
}

/** Words set aside by the glossary that a Persian text uses all the same, as `line N: word`. */
export function strayWords(text: string, setAside: readonly string[]): readonly string[] {
  return setAside.flatMap((word) => matches(text, new RegExp(`(?<![\\u0600-\\u06ff])${word}`, 'g')));
}

/** Packages of the lock file that want to run a script when installed, besides those known to work without. */
export function neededInstallScripts(lock: string, known: readonly string[]): readonly string[] {
  const { packages }: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(lock);
  return Object.entries(packages)
    .filter(
      ([path, entry]) => entry.hasInstallScript === true && !known.includes(path.replace(/^.*node_modules\//, '')),
    )
    .map(([path]) => path);
}

function isCode(file: string): boolean {
  return /\.(ts|mjs|cjs)$/.test(file);
}

/** Where Persian is data: invented people, what relying parties are sent and show, examples of the control interface. */
function readsPersian(file: string): boolean {
  return (
    file === 'provider/kernel/text.ts' ||
    /^(fixtures|conformance\/(driver|judge|observe|scenarios))\//.test(file) ||
    file === 'provider/http/control/operations.ts'
  );
}

function isTest(file: string): boolean {
  return /\.test\.ts$|\/suite\.ts$|\/(test|examples)\//.test(file);
}

/** Code of the product, without tests and without the scripts of the house. */
function isShipped(file: string): boolean {
  return isCode(file) && !isTest(file) && !file.startsWith('scripts/');
}

/** Files that are run, not imported for what they give. */
const entries = [
  'conformance/cli.ts',
  'conformance/commonjs/child.ts',
  // It hands its own environment on to the process that it starts.
  'conformance/driver/launch.ts',
  'conformance/sale-site/server.ts',
  'provider/serve.ts',
  'provider/server.ts',
];

function isEntry(file: string): boolean {
  return entries.includes(file);
}

function ofMembers(name: RegExp): HouseRule['violations'] {
  return ofNodes((node) => {
    const found = node.type === 'MemberExpression' ? dottedName(node.members) : undefined;
    return found !== undefined && name.test(found) ? found : undefined;
  });
}

function ofNodes(judge: (node: SyntaxNode) => string | undefined): HouseRule['violations'] {
  return ({ nodes }) =>
    nodes().flatMap((node) => {
      const found = judge(node);
      return found === undefined ? [] : [`line ${node.line}: ${found}`];
    });
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return `line ${line}: ${match[0].trim()}`;
  });
}

/** Blanks comments and keeps line breaks, so that lines still count. */
function withoutCssComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
}

function isEmptyList(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
