import { plugScenarios } from './a-plug.ts';
import { successScenarios } from './b-success.ts';
import { refusalScenarios } from './c-refusal.ts';
import { mismatchScenarios } from './d-mismatch.ts';
import { requestScenarios } from './e-request.ts';
import { callbackScenarios } from './f-callback.ts';
import { tokenScenarios } from './g-token.ts';
import { idTokenScenarios } from './h-id-token.ts';
import { userinfoScenarios } from './i-userinfo.ts';
import { sessionScenarios } from './j-session.ts';
import { keyScenarios } from './k-keys.ts';
import { robustnessScenarios } from './l-robustness.ts';
import { resourceScenarios } from './m-resources.ts';
import { registrationScenarios } from './r-registration.ts';
import type { Scenario } from './scenario.ts';

/** Every scenario, in the order of the catalogue. */
export const scenarios: readonly Scenario[] = [
  ...plugScenarios,
  ...successScenarios,
  ...refusalScenarios,
  ...mismatchScenarios,
  ...requestScenarios,
  ...callbackScenarios,
  ...tokenScenarios,
  ...idTokenScenarios,
  ...userinfoScenarios,
  ...sessionScenarios,
  ...keyScenarios,
  ...robustnessScenarios,
  ...resourceScenarios,
  ...registrationScenarios,
];
