import { during } from '../judge/finding.ts';
import { anonymousIsOut, takenByEmta, threeFaces } from '../judge/matchers/calibration.ts';
import { differsBetween } from '../judge/matchers/forgery-defence.ts';
import { arrivesAtEmta } from '../judge/matchers/request.ts';
import { inAs, nothingOf } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { calibrated, login, look, row, theCase } from './parts.ts';
import type { Scenario } from './scenario.ts';

/** A · Plug and control. */
export const plugScenarios: readonly Scenario[] = [
  calibrated('A01', [arrivesAtEmta('first', 3)], 'first'),
  calibrated('A02', [takenByEmta('after'), inAs('A', 'after')], 'after'),
  calibrated(
    'A03',
    [
      inAs('B', 'after.b'),
      nothingOf('A', ['login.b', 'after.b']),
      during(told`in the first browser, afterwards`, inAs('A', 'again')),
    ],
    'after.b',
  ),
  calibrated(
    'A04',
    [
      anonymousIsOut('anonymous'),
      during(told`in a fresh browser, at the end of calibration`, anonymousIsOut('anonymous.later')),
    ],
    'anonymous',
  ),
  calibrated('A05', [threeFaces], 'refused'),
  // judged by the run itself: it is asked before anything else
  calibrated('A06', []),
  row(
    'A07',
    theCase(
      '',
      [login('A'), look('a'), login('A', { label: 'login.2', again: true }), look('a', 'after.2')],
      [inAs('A'), inAs('A', 'after.2'), differsBetween('login', 'login.2')],
    ),
  ),
];
