import { isConformanceError } from '../errors.ts';

/** What an error of ours says, line by line; nothing where there is none. */
export function linesOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (isConformanceError(error)) return [error.message, ...error.lines];
    throw error;
  }
  return [];
}
