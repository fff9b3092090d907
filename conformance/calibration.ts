import type { CapabilityName } from './capability-names.ts';
import type { Exchange } from './driver/emta-wire.ts';
import { runCase, type Tools } from './driver/interpreter.ts';
import type { PeoplePool } from './driver/people-pool.ts';
import type { Trace } from './driver/user-agent.ts';
import type { Fingerprint } from './facts.ts';
import { hopsAfterReturn } from './judge/matchers/refusal.ts';
import { blanked, haystackOf } from './observe/needles.ts';
import { fingerprintOf } from './observe/reading.ts';
import type { Seen, Setting } from './observe/seen.ts';
import { rolesOn } from './observe/whereabouts.ts';
import { calibrationCase } from './scenarios/calibration.ts';

/** What calibration learned: how the relying party looks to nobody, to two citizens, and after a refusal. */
export interface Calibration {
  readonly seen: Seen;
  readonly fingerprints: Readonly<Record<'anonymous' | 'refused' | 'signedIn' | 'otherSignedIn', Fingerprint | null>>;
  readonly observed: Readonly<Partial<Record<CapabilityName, boolean>>>;
  /** Endpoints that the relying party was seen to call. */
  readonly channels: ReadonlySet<string>;
  readonly returnParameters: readonly string[];
  /** Whether the relying party redeemed a code. */
  readonly wasServed: boolean;
  /** Whether anything shows that a login came to an end: a code redeemed, or a cookie set at the callback or after it. */
  readonly leftMark: boolean;
}

const authorizeOf = (exchanges: readonly Exchange[]): Readonly<Record<string, string>> | undefined => {
  const authorize = exchanges.find(({ endpoint }) => endpoint === 'authorize');
  const pushed = exchanges.find(({ endpoint }) => endpoint === 'par');
  if (authorize === undefined) return undefined;
  return { ...(pushed?.request.form ?? {}), ...authorize.request.query, ...authorize.request.form };
};

/** What of the capabilities can be told from one good login and from Emta's record. */
function observe(
  exchanges: readonly Exchange[],
  history: readonly Exchange[],
  wasServed: boolean,
): Calibration['observed'] {
  const request = authorizeOf(exchanges);
  if (request === undefined) return {};
  const userinfo = exchanges.filter(({ endpoint }) => endpoint === 'userinfo');
  const hasDiscovery = history.some(({ endpoint }) => endpoint === 'discovery');
  return {
    oidc: (request.scope ?? '').split(' ').includes('openid'),
    state: request.state !== undefined,
    nonce: request.nonce !== undefined,
    pkce: request.code_challenge !== undefined,
    form_post: request.response_mode === 'form_post',
    acr_values: request.acr_values !== undefined || /"acr"/.test(request.claims ?? ''),
    max_age: request.max_age !== undefined,
    ...(hasDiscovery ? { discovery: true } : {}),
    ...(wasServed ? { userinfo: userinfo.length > 0 } : {}),
    ...(userinfo.length > 0
      ? { signed_userinfo: userinfo.some(({ response }) => /jwt/.test(response.headers['content-type'] ?? '')) }
      : {}),
  };
}

/** What Emta refused a login with, in the answer that the browser carried. */
export function refusalOf(trace: Trace, setting: Setting): string | undefined {
  const [first] = hopsAfterReturn(trace, setting);
  if (first === undefined) return undefined;
  for (const parameters of [new URL(first.url).searchParams, new URLSearchParams(first.requestBody)]) {
    const error = parameters.get('error');
    if (error !== null) return [error, parameters.get('error_description') ?? ''].filter(Boolean).join(': ');
  }
  return undefined;
}

/** Whether the probe shows a page to a citizen whose data protected_url shows: then its address is no probe. */
export function pageForProbe({ seen }: Calibration): boolean {
  const { after } = seen.looks;
  if (after?.probe.kind !== 'anonymous' || after.probe.isPage !== true) return false;
  return after.page.ending.kind === 'page' && rolesOn(seen, after.page.page?.body ?? '').length > 0;
}

/** Query parameters of the relying party's own addresses that hold a path or an address. */
function returnParametersOf(seen: Seen): readonly string[] {
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  const urls = traces.flatMap(({ hops, page }) => [
    ...hops.map(({ url }) => url),
    ...(page?.links.map(({ href }) => href) ?? []),
  ]);
  const names = urls
    .filter((url) => URL.canParse(url) && seen.setting.origins.includes(new URL(url).origin))
    .flatMap((url) =>
      [...new URL(url).searchParams].flatMap(([name, value]) =>
        /^(?:\/|https?:)/.test(value) && name !== 'iss' ? [name] : [],
      ),
    );
  return [...new Set(names)];
}

/** Anonymous, two citizens, a refusal, and anonymous again. */
export async function calibrate(tools: Tools, pool: PeoplePool, mark: string): Promise<Calibration> {
  const people = await pool.take(calibrationCase.people);
  const seen = await runCase(calibrationCase, people, mark, true, tools);
  const needles = Object.values(seen.needles).flat();
  const looked = (label: string) => {
    const reading = seen.looks[label];
    return reading === undefined ? null : fingerprintOf(reading.page, needles);
  };
  const history = tools.log.since(0);
  const wasServed = seen.exchanges.some(({ endpoint, response }) => endpoint === 'token' && response.status === 200);
  const back = seen.traces.login;
  // a name that stands among a page's own words tells nobody apart, whoever is signed in
  for (const trace of [seen.looks.anonymous?.page, seen.traces.refused, back, seen.looks.after?.page]) {
    const body = trace?.page?.body;
    if (body !== undefined) pool.avoid(blanked(haystackOf(body), needles));
  }
  return {
    seen,
    fingerprints: {
      anonymous: looked('anonymous'),
      refused: seen.traces.refused === undefined ? null : fingerprintOf(seen.traces.refused, needles),
      signedIn: looked('after'),
      otherSignedIn: looked('after.b'),
    },
    observed: observe(seen.exchanges, history, wasServed),
    returnParameters: returnParametersOf(seen),
    channels: new Set(history.map(({ endpoint }) => endpoint)),
    wasServed,
    leftMark:
      wasServed ||
      (back !== undefined &&
        refusalOf(back, seen.setting) === undefined &&
        hopsAfterReturn(back, seen.setting).some(
          ({ url, setCookies }) => setCookies.length > 0 && seen.setting.origins.includes(new URL(url).origin),
        )),
  };
}
