import type { CapabilityName, OptionalMember } from './capability-names.ts';
import { type Told, told } from './told.ts';

/** What a site does or has, and that it does not; both go on after "a site that" and "this site". */
interface Words {
  readonly yes: Told;
  readonly no: Told;
}

/** Every name of a condition in plain words. */
export const capabilityWords: Readonly<Record<CapabilityName | OptionalMember, Words>> = {
  oidc: { yes: told`uses OpenID Connect`, no: told`does not use OpenID Connect` },
  state: { yes: told`sends state`, no: told`sends no state` },
  nonce: { yes: told`sends nonce`, no: told`sends no nonce` },
  pkce: { yes: told`uses PKCE`, no: told`does not use PKCE` },
  form_post: {
    yes: told`asks for Emta's answer by form_post`,
    no: told`does not ask for Emta's answer by form_post`,
  },
  acr_values: { yes: told`asks for a level of assurance`, no: told`asks for no level of assurance` },
  max_age: {
    yes: told`asks that the login be recent, by max_age`,
    no: told`does not ask that the login be recent, by max_age`,
  },
  discovery: { yes: told`reads Emta's metadata`, no: told`does not read Emta's metadata` },
  userinfo: { yes: told`calls userinfo`, no: told`does not call userinfo` },
  iss_param: { yes: told`compares the parameter iss`, no: told`does not compare the parameter iss` },
  signature_required: {
    yes: told`verifies signatures even where TLS excuses it`,
    no: told`does not verify signatures where TLS excuses it`,
  },
  signed_userinfo: {
    yes: told`asks for userinfo with a signature`,
    no: told`does not ask for userinfo with a signature`,
  },
  asks_mobile: {
    yes: told`asks for the mobile number before the login`,
    no: told`does not ask for the mobile number before the login`,
  },
  asks_national_code: {
    yes: told`asks for the national code before the login`,
    no: told`does not ask for the national code before the login`,
  },
  registration: { yes: told`registers customers`, no: told`does not register customers` },
  session_url: {
    yes: told`tells at an address who is signed in`,
    no: told`tells at no address who is signed in`,
  },
  logout_url: { yes: told`names its address for logging out`, no: told`names no address for logging out` },
  refusal: {
    yes: told`names what its page shows after a refusal`,
    no: told`does not name what its page shows after a refusal`,
  },
  mismatch: {
    yes: told`names what its page shows after a mismatch`,
    no: told`does not name what its page shows after a mismatch`,
  },
  mobile_status: {
    yes: told`tells at an address whether the number is proven`,
    no: told`tells at no address whether the number is proven`,
  },
  registration_url: { yes: told`names its page for registration`, no: told`names no page for registration` },
  prefilled: {
    yes: told`names the fields that Emta's data fill`,
    no: told`does not name the fields that Emta's data fill`,
  },
  launch: { yes: told`can be started anew by the harness`, no: told`cannot be started anew by the harness` },
  second_issuer: {
    yes: told`can be led to a login by a second issuer`,
    no: told`cannot be led to a login by a second issuer`,
  },
};
