/** The word before a bracket in the number of what was counted: "row(s)" is "row" for one, "entr(y|ies)" is "entry". */
export const inNumber = (text: string, count: unknown): string =>
  text.replaceAll(/(?<=\w)\((?:(\w*)\|)?(\w+)\)/g, (_, one: string | undefined, many: string) =>
    count === 1 ? (one ?? '') : many,
  );

/** English that counts: `${1} row(s)` is "1 row", `${2} entr(y|ies)` is "2 entries". */
export const counted = (parts: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  parts.reduce((text, part, index) => `${text}${values[index - 1] ?? ''}${inNumber(part, values[index - 1])}`);
