import { exitCodeOf, isConformanceError } from '../errors.ts';
import { isObject } from './ask-emta.ts';
import { framesOf } from './frames.ts';
import type { ExitCode } from './io.ts';

export interface Refusal {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/** What to print and how to exit, for whatever ended a command. */
export function refusalOf(error: unknown): Refusal {
  if (isConformanceError(error)) {
    const [first = '', ...more] = error.message.split('\n');
    const cause = error.code === 'harness_defect' ? [`this is a defect of the harness, not of the relying party`] : [];
    return {
      lines: [`emta: ${first}`, ...[...more, ...error.lines, ...cause].map((line) => `      ${line}`)],
      exitCode: exitCodeOf(error.code),
    };
  }
  if (isObject(error) && typeof error.code === 'string' && error.code.startsWith('commander.')) {
    return refusalOfCommander(error.code, String(error.message));
  }
  // Whatever else comes here was not foreseen: say what and where, and that it is ours.
  const message = isObject(error) && 'message' in error ? String(error.message) : String(error);
  const where = framesOf(isObject(error) && typeof error.stack === 'string' ? error.stack : undefined);
  return {
    lines: [
      `emta: ${message}`,
      ...where.map((line) => `      ${line}`),
      '      this is a defect of emta-mock, not of the relying party',
    ],
    exitCode: 3,
  };
}

/** Commander's refusals in the words of the house; its help and version are no refusals. */
function refusalOfCommander(code: string, message: string): Refusal {
  if (['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(code))
    return { lines: [], exitCode: 0 };
  const hint = /\n\(Did you mean (?:one of )?(.+?)\?\)$/;
  const near = hint.exec(message)?.[1];
  // what somebody typed may hold line breaks of its own
  const plain = message
    .replace(/^error: /, '')
    .replace(hint, '')
    .replaceAll("'", '"')
    .replaceAll('\n', '\\n');
  const suggestion =
    near === undefined
      ? ''
      : `, did you mean ${near
          .split(', ')
          .map((word) => `"${word}"`)
          .join(' or ')}?`;
  return { lines: [`emta: ${plain}${suggestion}`, '      --help tells what there is'], exitCode: 2 };
}
