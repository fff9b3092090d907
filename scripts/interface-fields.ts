/** A field of an interface with the comment above it. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

const field = /(?:\/\*\*([\s\S]*?)\*\/\s*)?readonly (\w+)\??: ([^;]+);/g;

/** The fields of one interface of a source file, in order. */
export function fieldsOf(source: string, name: string): readonly Field[] {
  const [, body] = source.match(new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`)) ?? [];
  if (body === undefined) throw new Error(`expected an interface ${name}, got none`);
  return [...body.matchAll(field)].map(([, comment = '', fieldName = '', type = '']) => ({
    name: fieldName,
    type: type.replace(/\s+/g, ' '),
    comment: comment.replace(/^\s*\*\s?/gm, '').trim(),
  }));
}
