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
  /** Takes the text; the channel to the process that started Jest when left out. */
  readonly send?: (text: string) => void;
}

const longest = 160;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** Tells over the process's channel how far the suite is: findings at once, the rest as a count. */
class ProgressReporter {
  readonly #options: ProgressOptions;
  readonly #send: (text: string) => void;
  #judged = 0;

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
      const mark = first.startsWith(`${id} inconclusive`) ? paints.doubt('?') : paints.bad('x');
      this.#send(`${erase}  ${mark} ${shortened(mask(first))}\n`);
    }
    if (progress === 'line') this.#send(`${erase}  ${this.#judged} rows judged, last ${id}`);
    else if (this.#judged % 20 === 0) this.#send(`  ${this.#judged} rows judged\n`);
  }

  onRunComplete(): void {
    if (this.#options.progress === 'line') this.#send(`\r${String.fromCharCode(27)}[2K`);
  }
}

// Jest takes a reporter by its default export only.
export { ProgressReporter as default };
