import type { Told } from '../told.ts';

/** Why a drive cannot go on; an observation of the case, not a fault of the harness. */
export class Stopped extends Error {
  readonly isStop = true;
  readonly told: Told;
  constructor(why: Told) {
    super(why.en);
    this.told = why;
  }
}
export const isStopped = (error: unknown): error is Stopped =>
  typeof error === 'object' && error !== null && 'isStop' in error;
