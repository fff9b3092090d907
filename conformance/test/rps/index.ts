import { authJs } from './auth-js.ts';
import { expressOpenidConnect } from './express-openid-connect.ts';
import { grantOfExpress } from './grant.ts';
import { byHandWithJose } from './jose-by-hand.ts';
import { byHandWithOauth4webapi } from './oauth4webapi.ts';
import { openidClient } from './openid-client.ts';
import { openidClient5 } from './openid-client-5.ts';
import { passportOpenidconnect } from './passport-openidconnect.ts';
import { plainWithoutPkce, plainWithSimpleOauth2 } from './plain.ts';
import type { RelyingPartyKind } from './relying-party.ts';

/** Relying parties that were not written for the harness, beside the sale site that was. */
export const relyingParties: readonly RelyingPartyKind[] = [
  expressOpenidConnect,
  byHandWithOauth4webapi,
  openidClient,
  openidClient5,
  byHandWithJose,
  plainWithSimpleOauth2,
  plainWithoutPkce,
  passportOpenidconnect,
  authJs,
  grantOfExpress,
];
