import { counted } from '../counted.ts';
import { mask } from '../report/mask.ts';
import { paint } from '../report/paint.ts';

/** How a test begins that had no run to judge by; said once, where the run's own refusal is told. */
export const notJudged = 'not judged';

interface CaseResult {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

export interface ProgressOptions {
  /** `line`: one line, written over; `lines`: a line per finding and one in twenty rows; `none`. */
  readonly progress: 'line' | 'lines' | 'none';
  readonly colours: boolean;
  /** How many rows there are to judge. */
  readonly rows: number;
  /** Takes the text; the channel to the process that started Jest when left out. */
  readonly send?: (text: string) => void;
}

/** Rows that are told one by one where one reason leaves many open. */
const alike = 3;
const longest = 160;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/**
 * Tells over the process's channel how far the suite is: findings at once, the rest as a count. Not how long it still
 * takes: cases run side by side and rows are told in order, so most of the time may lie before the first twenty.
 */
class ProgressReporter {
  readonly #options: ProgressOptions;
  readonly #send: (text: string) => void;
  #judged = 0;
  readonly #told = new Map<string, number>();

  constructor(_jest: unknown, options: ProgressOptions) {
    this.#options = options;
    this.#send = options.send ?? ((text) => process.send?.({ emtaProgress: text }));
  }

  onTestCaseResult(_test: unknown, result: CaseResult): void {
    const { progress, colours } = this.#options;
    const [id = ''] = result.title.split(' ');
    if (progress === 'none' || !/^[A-Z]\d\d$/.test(id)) return;
    const paints = paint(colours);
    this.#judged += 1;
    const erase = progress === 'line' ? `\r${String.fromCharCode(27)}[2K` : '';
    const [first = ''] = (result.failureMessages[0] ?? '').split('\n');
    if (first.startsWith(notJudged)) return;
    if (result.status === 'failed') {
      const isDoubt = first.startsWith(`${id} inconclusive`);
      const mark = isDoubt ? paints.doubt('?') : paints.bad('x');
      const times = isDoubt ? this.#timesTold(first.slice(id.length)) : 0;
      if (times < alike) this.#send(`${erase}  ${mark} ${shortened(mask(first))}\n`);
      if (times === alike) this.#send(`${erase}  ${mark} further rows for the same reason are told at the end\n`);
    }
    const sofar = counted`  ${this.#judged} of ${this.#options.rows} row(s) judged`;
    if (progress === 'line') this.#send(`${erase}${sofar}, ${id}`);
    else if (this.#judged % 20 === 0) this.#send(`${sofar}, group ${id.charAt(0)}\n`);
  }

  #timesTold(reason: string): number {
    const times = this.#told.get(reason) ?? 0;
    this.#told.set(reason, times + 1);
    return times;
  }

  onRunComplete(): void {
    if (this.#options.progress === 'line') this.#send(`\r${String.fromCharCode(27)}[2K`);
  }
}

// Jest takes a reporter by its default export only.
export { ProgressReporter as default };
