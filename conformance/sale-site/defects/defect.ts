import type { Context, Middleware, Next } from 'koa';
import type { Emta } from '../login/emta.ts';
import type { Login } from '../login/logins.ts';
import { redeem } from '../login/redeem.ts';
import type { Policy } from '../policy.ts';
import type { Site } from '../site.ts';
import { lenient } from './lenient-redeem.ts';

/** Changes a sound policy into one with a defect. */
export type Defect = (policy: Policy) => Policy;

/** Replaces decisions of the policy. */
export const replace =
  (members: Partial<Policy>): Defect =>
  (policy) => ({ ...policy, ...members });

/** Replaces decisions by ones with a memory, which no two sites share. */
export const remember =
  (make: (policy: Policy) => Partial<Policy>): Defect =>
  (policy) => ({ ...policy, ...make(policy) });

/** Stands before the whole site. */
export const around =
  (act: (ctx: Context, next: Next, site: Site) => Promise<void> | void): Defect =>
  (policy) => ({
    ...policy,
    around: (site): Middleware => {
      const inner = policy.around(site);
      return (ctx, next) => act(ctx, async () => inner(ctx, next), site);
    },
  });

export const all =
  (...defects: readonly Defect[]): Defect =>
  (policy) =>
    defects.reduce((changed, defect) => defect(changed), policy);

/** Changes the authorization request. */
export const asking = (change: (query: URLSearchParams, login: Login, emta: Emta) => void): Defect =>
  remember((policy) => ({
    authorizationRequest: async (login, emta) => {
      const address = await policy.authorizationRequest(login, emta);
      change(address.searchParams, login, emta);
      return address;
    },
  }));

/** The other defences, off: any one of them would hide a defect of the one under test. */
export const withoutPkce = all(
  asking((query) => {
    query.delete('code_challenge');
    query.delete('code_challenge_method');
  }),
  replace(lenient({ skip: ['verifier'] })),
);
export const withoutPkceAndNonce = all(
  asking((query) => {
    for (const name of ['code_challenge', 'code_challenge_method', 'nonce']) query.delete(name);
  }),
  replace(lenient({ skip: ['verifier', 'nonce'] })),
);
/** What was typed before Emta is not compared. */
export const withoutTyped = replace({ isAsTyped: () => ({ code: true, mobile: true }) });

/** Redeems a code whatever else the answer says, and whatever state it names. */
export const redeemTheCode: Policy['redeem'] = (answer, login, emta) => {
  const own = new URLSearchParams(answer);
  own.set('state', login.state);
  own.delete('error');
  return redeem(own, login, emta);
};

/** Where an answer to a login leads, as the callback's own redirect says. */
export function landingOf(ctx: Context): string | undefined {
  const isCallback = ctx.path === '/emta/callback' || ctx.path === '/emta/return';
  const landing = ctx.response.get('location');
  return isCallback && landing !== '' ? landing : undefined;
}

/** Userinfo as it comes, compared with nothing. */
export async function rawUserinfo(accessToken: string, emta: Emta): Promise<string> {
  const metadata = (await emta.configuration()).serverMetadata();
  const response = await fetch(metadata.userinfo_endpoint ?? '', {
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`expected userinfo, got status ${response.status}`);
  return text;
}
