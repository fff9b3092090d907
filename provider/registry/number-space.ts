import { sound } from '../kernel/parsed.ts';
import type { Mobile, NationalCode } from './citizen.ts';
import { parseMobile } from './mobile.ts';
import { nationalCodeCheckDigit, parseNationalCode } from './national-code.ts';
import { offices } from './offices.ts';

/** All the national codes and mobile numbers that a population may use, each with a position from 0. */
export interface NumberSpace {
  readonly nationalCodes: number;
  nationalCodeAt(position: number): NationalCode;
  positionOfNationalCode(code: NationalCode): number | undefined;
  /** The place that the code's prefix stands for. */
  placeOfIssue(code: NationalCode): string;
  readonly mobiles: number;
  mobileAt(position: number): Mobile;
  positionOfMobile(mobile: Mobile): number | undefined;
}

/** Serials of six digits, without 000000 and the nine of one repeated digit. */
const serialsPerPrefix = 999_990;
const betweenRepeated = 111_110;
const subscribersPerPrefix = 10_000_000;

function numberSpace(
  codePrefixes: readonly { readonly prefix: string; readonly place: string }[],
  mobilePrefixes: readonly string[],
): NumberSpace {
  const codeRows = new Map(codePrefixes.map(({ prefix }, row) => [prefix, row]));
  const mobileRows = new Map(mobilePrefixes.map((prefix, row) => [prefix, row]));
  const rowOfCode = (code: NationalCode): number | undefined => codeRows.get(code.slice(0, 3));

  return {
    nationalCodes: codePrefixes.length * serialsPerPrefix,
    nationalCodeAt(position) {
      const within = position % serialsPerPrefix;
      const serial = within + 1 + Math.floor(within / betweenRepeated);
      const prefix = codePrefixes[Math.floor(position / serialsPerPrefix)]?.prefix;
      const nine = `${prefix}${String(serial).padStart(6, '0')}`;
      const code = `${nine}${nationalCodeCheckDigit(nine)}`;
      return sound(parseNationalCode(code, { mode: 'machine' }), code);
    },
    positionOfNationalCode(code) {
      const row = rowOfCode(code);
      const serial = Number(code.slice(3, 9));
      return row === undefined || serial % (betweenRepeated + 1) === 0
        ? undefined
        : row * serialsPerPrefix + serial - 1 - Math.floor(serial / (betweenRepeated + 1));
    },
    placeOfIssue: (code) => codePrefixes[rowOfCode(code) ?? 0]?.place ?? '',
    mobiles: mobilePrefixes.length * subscribersPerPrefix,
    mobileAt(position) {
      const prefix = mobilePrefixes[Math.floor(position / subscribersPerPrefix)];
      const number = `+98${prefix}${String(position % subscribersPerPrefix).padStart(7, '0')}`;
      return sound(parseMobile(number, 'machine'), number);
    },
    positionOfMobile(mobile) {
      const row = mobileRows.get(mobile.slice(3, 6));
      return row === undefined ? undefined : row * subscribersPerPrefix + Number(mobile.slice(6));
    },
  };
}

function range(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, step) => String(first + step));
}

/** Prefixes that offices and operators have, so that strict validators accept the numbers. They may exist in life. */
export const assignedNumbers: NumberSpace = numberSpace(offices, [
  ...range(900, 905),
  ...range(910, 923),
  '930',
  '932',
  '933',
  ...range(935, 939),
  ...range(990, 994),
  '996',
]);

/**
 * Prefixes that no published table gives to an office or operator; strict validators refuse them. They leave alone
 * 000, 990 to 999 and 0907, where the personas and the numbers of the documentation stand.
 */
export const safeNumbers: NumberSpace = numberSpace(
  range(800, 989).map((prefix, row) => ({ prefix, place: offices[row % offices.length]?.place ?? '' })),
  range(945, 979),
);
