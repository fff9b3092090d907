import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The file it is to be written to: the line before it ends like "Save it as `NAME`:". */
  readonly file: string | undefined;
  /** Why it is not run, where the line before it says so: "Not run here: …". */
  readonly notRun: string | undefined;
  /** The file it is cut from, which `npm run docs` keeps so. */
  readonly cutFrom: string | undefined;
  /** The library whose settings it shows, as the console does. */
  readonly settingsOf: string | undefined;
}

/** The README and the pages of scripts/docs. */
export function pagesOf(root: string): readonly string[] {
  const folder = join('scripts', 'docs');
  const pages = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.sort().map((name) => `scripts/docs/${name}`)];
}

/** Every fenced block of a page, with what the page says of it in the line before. */
export function codeBlocksOf(page: string, markdown: string): readonly CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const fence = /^( *)```(\S*)$/.exec(lines[index] ?? '');
    if (!fence) continue;
    const end = lines.findIndex((text, at) => at > index && /^ *```$/.test(text));
    if (end === -1) throw new Error(`${page}:${index + 1}: expected the block to be closed`);
    const before = lines.slice(0, index).filter((text) => text.trim() !== '');
    const mark = /^<!-- (file|settings): (.+) -->$/.exec(before.at(-1) ?? '');
    const word = before.at(mark ? -2 : -1) ?? '';
    blocks.push({
      page,
      line: index + 1,
      language: fence[2] ?? '',
      text: lines
        .slice(index + 1, end)
        .map((text) => text.slice(fence[1]?.length ?? 0))
        .join('\n'),
      file: /(?:^ *|\bas |\bIts |\bدر )`([\w./-]+)`.*:$/.exec(word)?.[1],
      notRun: /^(?:> )?(?:Not run here|اینجا اجرا نمی‌شود): (.+)$/.exec(word)?.[1],
      cutFrom: mark?.[1] === 'file' ? mark[2] : undefined,
      settingsOf: mark?.[1] === 'settings' ? mark[2] : undefined,
    });
    index = end;
  }
  return blocks;
}

/** Lines of a shell block as they are run: joined where they go on, without comments. */
export function commandsOf(block: CodeBlock): readonly string[] {
  return block.text
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
