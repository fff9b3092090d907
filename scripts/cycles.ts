import { posix } from 'node:path';
import { syntaxOf } from './syntax.ts';

/** Circles of files that import each other when they run, each told once; imports of types alone do not count. */
export function runtimeCycles(files: ReadonlyMap<string, string>): readonly (readonly string[])[] {
  const imports = new Map(
    [...files].map(([file, text]) => [file, importedBy(file, text).filter((one) => files.has(one))]),
  );
  const done = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) cycles.push([...path.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files.keys()) visit(file, []);
  return cycles;
}

function importedBy(file: string, text: string): readonly string[] {
  return syntaxOf(text).flatMap(({ type, members }) => {
    const declares = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(type);
    const target = declares && !isTypeOnly(members) ? sourceText(members.source) : undefined;
    return target?.startsWith('.') ? [posix.join(posix.dirname(file), target)] : [];
  });
}

function isTypeOnly(members: Readonly<Record<string, unknown>>): boolean {
  if (members.typeOnly === true) return true;
  const { specifiers } = members;
  return Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every((one) => one.isTypeOnly === true);
}

function sourceText(source: unknown): string | undefined {
  return typeof source === 'object' && source !== null && 'value' in source ? String(source.value) : undefined;
}
