import { parseSync } from '@swc/core';

/** A piece of TypeScript as swc sees it: its kind, the line it stands on, and its members. */
export interface SyntaxNode {
  readonly type: string;
  readonly line: number;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Every node of a file in the order of its text; comments are no nodes. */
export function syntaxOf(text: string): readonly SyntaxNode[] {
  const lineAt = lineCounter(text);
  const nodes: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isRecord(value)) return;
    if (typeof value.type === 'string') nodes.push({ type: value.type, line: lineAt(value.span), members: value });
    for (const member of Object.values(value)) visit(member);
  };
  visit(parseSync(text, { syntax: 'typescript', target: 'es2022' }));
  return nodes;
}

/** The dotted name of a chain of members, such as `Date.now`; nothing for any other expression. */
export function dottedName(node: unknown): string | undefined {
  if (!isRecord(node)) return undefined;
  if (node.type === 'Identifier' && typeof node.value === 'string') return node.value;
  if (node.type !== 'MemberExpression' || !isRecord(node.property) || node.property.type !== 'Identifier')
    return undefined;
  const object = dottedName(node.object);
  return object === undefined ? undefined : `${object}.${String(node.property.value)}`.replace(/^globalThis\./, '');
}

/** The line of a span. swc counts bytes from 1. */
function lineCounter(text: string): (span: unknown) => number {
  const breaks: number[] = [];
  for (const [offset, byte] of Buffer.from(text).entries()) if (byte === 10) breaks.push(offset);
  return (span) => {
    const start = isRecord(span) && typeof span.start === 'number' ? span.start - 1 : 0;
    const after = breaks.findIndex((offset) => offset >= start);
    return (after === -1 ? breaks.length : after) + 1;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
