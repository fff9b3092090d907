import { typedNumber } from './text.ts';

/** An Iranian mobile in E.164, from any usual spelling; parsed as a whole, never cut by position. */
export function parseMobile(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const spelling = typedNumber(value).replace(/\(0\)|[\s-]/g, '');
  const national = /^(?:\+98|0098|98|0)?(9[0-9]{9})$/.exec(spelling)?.[1];
  return national === undefined ? undefined : `+98${national}`;
}

/** `+989070000101` as people in Iran write it: `09070000101`. */
export function nationalMobile(mobile: string): string {
  return mobile.replace(/^\+98/, '0');
}

export function maskMobile(mobile: string): string {
  const national = nationalMobile(mobile);
  return `${national.slice(0, 4)}***${national.slice(-4)}`;
}
