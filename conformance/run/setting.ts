import type { Calibration } from '../calibration.ts';
import { settleCapabilities } from '../capabilities.ts';
import { chosenRows } from '../choose-rows.ts';
import type { Setting } from '../observe/seen.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Face } from '../verdict.ts';
import { judgeCalibrated, scenarioById } from './plan.ts';

/** What its profile says a relying party sends is tested although it was not seen to send it: E10 and E11 ask for that. */
function withoutDenied(
  observed: Calibration['observed'],
  declared: RelyingParty['capabilities'],
): Calibration['observed'] {
  const denied = (['max_age', 'acr_values'] as const).filter(
    (name) => declared[name] === true && observed[name] === false,
  );
  return Object.fromEntries(Object.entries(observed).filter(([name]) => !denied.some((one) => one === name)));
}

/** Which face the relying party uses, and what every case is judged by, as calibration learned it. */
export function settingBy(
  { observed, fingerprints, channels, returnParameters, seen }: Calibration,
  blank: Setting,
): { readonly face: Face; readonly setting: Setting } {
  const { rp } = blank;
  const isPlain = observed.oidc === undefined ? !rp.client.scope.split(' ').includes('openid') : !observed.oidc;
  const face = isPlain ? 'resources' : 'oidc';
  const declared = { ...rp.capabilities, ...(rp.registrationUrl === undefined ? {} : { registration: true }) };
  const typedForms = JSON.stringify(rp.start.form);
  const capabilities = settleCapabilities(
    declared,
    {
      ...withoutDenied(observed, rp.capabilities),
      ...(typedForms.includes('${mobile}') ? { asks_mobile: true } : {}),
      ...(typedForms.includes('${national_code}') ? { asks_national_code: true } : {}),
    },
    face,
  );
  const { anonymous, signedIn, refused } = fingerprints;
  const calibrationNeedles = Object.values(seen.needles).flat();
  return {
    face,
    setting: { ...blank, capabilities, anonymous, signedIn, refused, channels, returnParameters, calibrationNeedles },
  };
}

/** Whether the browser came to Emta at all. */
export const reachedEmta = ({ seen }: Calibration): boolean =>
  seen.traces.first?.hops.some(({ url }) => new URL(url).origin === seen.setting.emtaOrigin) === true;

/** Whether the logins of calibration went as they must; what did not may have been the machine's fault once. */
export function isSound(calibration: Calibration, blank: Setting): boolean {
  const { face, setting } = settingBy(calibration, blank);
  const context = { face, profile: setting.profile };
  const verdicts = chosenRows('audit', ['A02', 'A03', 'A04', 'A05']).flatMap((row) => {
    const scenario = scenarioById.get(row.id);
    return scenario === undefined ? [] : judgeCalibrated(row, scenario, calibration, setting, context).verdict;
  });
  return calibration.leftMark && !verdicts.includes('fail') && !verdicts.includes('inconclusive');
}
