import { plugScenarios } from './a-plug.ts';
import { successScenarios } from './b-success.ts';
import { refusalScenarios } from './c-refusal.ts';
import type { Scenario } from './scenario.ts';

/** Every scenario, in the order of the catalogue. */
export const scenarios: readonly Scenario[] = [...plugScenarios, ...successScenarios, ...refusalScenarios];
