import type { Case } from './scenario.ts';

/** What every run begins with; group A is judged by it, and every other page is compared with its pages. */
export const calibrationCase: Case = {
  label: '',
  people: { A: {}, B: {}, R: {} },
  drive: [
    { do: 'begin', jar: 'first', as: 'A', label: 'first' },
    { do: 'need-emta', of: 'first' },
    { do: 'look', jar: 'nobody', label: 'anonymous' },
    { do: 'learn', as: 'A' },
    { do: 'login', jar: 'a', as: 'A', label: 'login' },
    { do: 'look', jar: 'a', label: 'after' },
    { do: 'need-return', of: 'login' },
    { do: 'login', jar: 'b', as: 'B', label: 'login.b' },
    { do: 'look', jar: 'b', label: 'after.b' },
    { do: 'look', jar: 'a', label: 'again' },
    { do: 'login', jar: 'r', as: 'R', label: 'refused', plan: { consent: 'refuse' } },
    { do: 'look', jar: 'r', label: 'after.refused' },
    { do: 'look', jar: 'nobody-later', label: 'anonymous.later' },
  ],
  expect: [],
};
