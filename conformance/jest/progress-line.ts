import { counted } from '../counted.ts';

/** `line`: one line, written over; `lines`: one for every twenty rows; `none`. */
export type ProgressMode = 'line' | 'lines' | 'none';

/** What a run says of itself while it lasts; each answers what to write. */
export interface Progress {
  /** A row has its verdict; they come as they are settled, side by side and in any order. */
  settled(id: string): string;
  /** A finding, whole lines. */
  finding(text: string): string;
  end(): string;
}

/** Before so many rows nobody can say how long the rest takes. */
const telling = 10;
const wipe = `\r${String.fromCharCode(27)}[2K`;

/** `now`: milliseconds on any clock that runs evenly. */
export function createProgress(mode: ProgressMode, rows: number, now: () => number): Progress {
  let judged = 0;
  let started: number | undefined;
  /** Rows that calibration alone settles come at once, and say nothing of how long the others take. */
  let atOnce = 0;
  const erase = mode === 'line' ? wipe : '';

  /** By how long the rows before took; rows that run alone, or wait on the wall's clock, make it a guess. */
  function timeLeft(passed: number): string {
    if (judged - atOnce < telling || judged >= rows) return '';
    const each = passed / (judged - atOnce);
    return `, about ${Math.ceil((each * (rows - judged)) / 1000)} s left`;
  }

  return {
    settled(id) {
      started ??= now();
      const passed = now() - started;
      judged += 1;
      if (passed < 1000) atOnce = judged;
      const sofar = counted`  ${judged} of ${rows} row(s) judged`;
      const left = timeLeft(passed);
      if (mode === 'line') return `${erase}${sofar}, ${id}${left}`;
      return mode === 'lines' && judged % 20 === 0 ? `${sofar}, group ${id.charAt(0)}${left}\n` : '';
    },
    finding: (text) => (mode === 'none' ? '' : `${erase}${text}`),
    end: () => erase,
  };
}
