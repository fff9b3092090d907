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
  readonly colours: boolean;
  /** Takes the text; the channel to the process that started Jest when left out. */
  readonly send?: (text: string) => void;
}

/** Rows that are told one by one where one reason leaves many open. */
const alike = 3;
const longest = 160;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** Tells findings over the process's channel, in the order of the rows and as soon as they are known. */
class ProgressReporter {
  readonly #options: ProgressOptions;
  readonly #send: (text: string) => void;
  readonly #told = new Map<string, number>();

  constructor(_jest: unknown, options: ProgressOptions) {
    this.#options = options;
    this.#send = options.send ?? ((text) => process.send?.({ emtaFinding: text }));
  }

  onTestCaseResult(_test: unknown, result: CaseResult): void {
    const [id = ''] = result.title.split(' ');
    const [first = ''] = (result.failureMessages[0] ?? '').split('\n');
    if (!/^[A-Z]\d\d$/.test(id) || result.status !== 'failed' || first.startsWith(notJudged)) return;
    const paints = paint(this.#options.colours);
    const isDoubt = first.startsWith(`${id} inconclusive`);
    const mark = isDoubt ? paints.doubt('?') : paints.bad('x');
    const times = isDoubt ? this.#timesTold(first.slice(id.length)) : 0;
    if (times < alike) this.#send(`  ${mark} ${shortened(mask(first))}\n`);
    if (times === alike) this.#send(`  ${mark} further rows for the same reason are told at the end\n`);
  }

  #timesTold(reason: string): number {
    const times = this.#told.get(reason) ?? 0;
    this.#told.set(reason, times + 1);
    return times;
  }
}

// Jest takes a reporter by its default export only.
export { ProgressReporter as default };
