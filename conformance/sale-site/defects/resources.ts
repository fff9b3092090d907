import { provenMobile } from '../login/identity.ts';
import { type CitizenRecord, readResources } from '../login/records.ts';
import type { Claims } from '../login/redeem.ts';
import { typedNumber } from '../text.ts';
import { type Defect, remember, replace, withoutTyped } from './defect.ts';

/** Plain OAuth 2.0: what is read with the token, and how. */
export const resourceDefects: Readonly<Record<string, Defect>> = {
  X48: remember(() => {
    const last = new Map<string | undefined, Claims>();
    return {
      readResources: async (tokens, emta, login) => {
        const known = last.get(login.typedNationalCode) ?? {
          national_code: login.typedNationalCode,
          birthdate_jalali: '1368/10/11',
          phone_number: '+989000000000',
          phone_number_verified: true,
        };
        const read = await readResources(tokens, emta).catch((): CitizenRecord => ({ claims: {} }));
        // What did not come is filled in with what there was.
        const came = Object.entries(read.claims).filter(([, value]) => value !== undefined && value !== null);
        const claims = { ...known, ...Object.fromEntries(came) };
        last.set(login.typedNationalCode, claims);
        return { claims };
      },
    };
  }),
  'X49.mobile': replace({ keyOf: ({ mobile }) => `mobile ${mobile}` }),
  'X49.name': replace({ keyOf: ({ givenName, familyName }) => `name ${givenName} ${familyName}` }),
  'X49.mixed': withoutTyped,
  'X50.cut': replace({
    provenMobile: (claims) =>
      typeof claims.phone_number === 'string'
        ? `+98${typedNumber(claims.phone_number).substring(3)}`
        : provenMobile(claims),
  }),
  'X50.redirect': replace({
    readResources: async (tokens, emta) => {
      for (const path of ['identity/general', 'primaryMobileNumber']) {
        await follow(`${emta.issuer}/service/v1/user/${path}`, tokens.accessToken);
      }
      return readResources(tokens, emta);
    },
  }),
};

/** Carries the token along wherever it is sent. */
async function follow(address: string, accessToken: string, hops = 0): Promise<string> {
  const response = await fetch(address, {
    headers: { authorization: `Bearer ${accessToken}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  });
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location !== null && hops < 3) {
    return follow(new URL(location, address).href, accessToken, hops + 1);
  }
  return response.text();
}
