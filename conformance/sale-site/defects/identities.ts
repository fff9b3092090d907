import { isAsTyped, provenMobile, readIdentity } from '../login/identity.ts';
import { type CitizenRecord, readUserinfo } from '../login/records.ts';
import type { Claims } from '../login/redeem.ts';
import { parseMobile } from '../mobile.ts';
import { personOf, sessionOf } from '../site.ts';
import { foldLetters } from '../text.ts';
import { all, around, type Defect, rawUserinfo, remember, replace, withoutTyped } from './defect.ts';

/** A number for those who have none: what a careless column holds by default. */
const someNumber = '+989000000000';

/** Userinfo, the number and whom an account belongs to. */
export const identityDefects: Readonly<Record<string, Defect>> = {
  X05: all(
    withoutTyped,
    replace({
      readUserinfo: async ({ accessToken, idToken }, emta) => ({
        subject: String(idToken?.sub),
        claims: { ...idToken, ...JSON.parse(await rawUserinfo(accessToken, emta)) },
      }),
    }),
  ),
  'X07.mobile': replace({ keyOf: ({ mobile }) => `mobile ${mobile}` }),
  'X07.email': replace({
    readUserinfo: async (tokens, emta) => {
      const record = await readUserinfo(tokens, emta);
      return typeof record.claims.email === 'string' ? { ...record, subject: record.claims.email } : record;
    },
  }),
  X16: all(
    keepingRecords(),
    replace({ provenMobile: ({ phone_number: number }) => parseMobile(number) ?? someNumber }),
  ),
  X17: replace({
    provenMobile: (claims) => (claims.phone_number_verified ? parseMobile(claims.phone_number) : undefined),
  }),
  X31: keepingRecords(),
  X44: all(
    withoutTyped,
    replace({
      readIdentity: (record, issuer, mobile, login) => {
        const identity = readIdentity(record, issuer, mobile);
        if (identity === undefined) return undefined;
        return {
          ...identity,
          ...(login.typedMobile === undefined ? {} : { mobile: login.typedMobile }),
          ...(login.typedNationalCode === undefined ? {} : { nationalCode: login.typedNationalCode }),
        };
      },
    }),
  ),
  B04: replace({
    readUserinfo: async (tokens, emta) => {
      const record = await readUserinfo(tokens, emta);
      const address = (await emta.configuration()).serverMetadata().userinfo_endpoint ?? '';
      // Once more in the way of an old library; whether it is answered makes no difference.
      await fetch(`${address}?access_token=${encodeURIComponent(tokens.accessToken)}`).catch(() => undefined);
      return record;
    },
  }),
  B10: replace({
    provenMobile: (claims) => provenMobile(claims)?.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)),
  }),
  'B11.joiner': changingNames((name) => name.replaceAll('\u200c', '')),
  'B11.zeros': all(
    replace({
      readIdentity: (record, issuer, mobile) => {
        const identity = readIdentity(record, issuer, mobile);
        return identity && { ...identity, nationalCode: String(Number(identity.nationalCode)) };
      },
      // What was typed is compared as a number too: the login goes well, and the harm is done on the page alone.
      isAsTyped: (identity, login) =>
        isAsTyped({ ...identity, nationalCode: identity.nationalCode.padStart(10, '0') }, login),
    }),
    // The customer's page hides most digits of a code; a lost zero is seen where a site shows them.
    around(async (ctx, next, site) => {
      await next();
      const code = ctx.path === '/account' ? personOf(sessionOf(ctx, site), site)?.nationalCode : undefined;
      if (code !== undefined) ctx.body = String(ctx.body).replace(/\p{Nd}{3}\*{5}\p{Nd}*/u, code);
    }),
  ),
  D08: replace({
    provenMobile: (claims) => (String(claims.phone_number).startsWith('+98') ? provenMobile(claims) : undefined),
  }),
  D10: replace({
    keyOf: ({ issuer, subject, nationalCode, mobile }) => `${issuer} ${subject ?? nationalCode} ${mobile}`,
  }),
  D11: replace({
    readUserinfo: async ({ accessToken, idToken }, emta) => {
      const userinfo: Claims = JSON.parse(await rawUserinfo(accessToken, emta));
      if (userinfo.sub !== idToken?.sub) throw new Error('expected the same subject');
      const claims = { ...idToken, ...userinfo };
      // The newer number is believed, with the other one's flag.
      const isVerified = [idToken?.phone_number_verified, userinfo.phone_number_verified].includes(true);
      return { subject: String(userinfo.sub), claims: { ...claims, phone_number_verified: isVerified } };
    },
  }),
  I03: all(
    withoutTyped,
    replace({
      readUserinfo: async ({ accessToken, idToken }, emta) => {
        const text = await rawUserinfo(accessToken, emta);
        const own = JSON.stringify(idToken?.sub);
        if (!text.includes(own)) throw new Error('expected the own subject somewhere');
        return { subject: String(idToken?.sub), claims: { ...idToken, ...JSON.parse(text) } };
      },
    }),
  ),
  I05: replace({
    readUserinfo: (tokens, emta) =>
      readUserinfo(tokens, emta).catch(() => {
        throw new RangeError('userinfo holds no JSON');
      }),
  }),
  I06: replace({
    readUserinfo: async ({ accessToken, idToken }, emta) => {
      const text = await rawUserinfo(accessToken, emta);
      const json = text.startsWith('{') ? text : Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8');
      const claims: Claims = JSON.parse(json);
      if (claims.sub !== idToken?.sub) throw new Error('expected the same subject');
      return { subject: String(claims.sub), claims };
    },
  }),
  'X39.garbled': changingNames((name) => Buffer.from(name, 'utf8').toString('latin1')),
};

/** A record that once came is good for ever: when userinfo fails, the last one stands in for it. */
function keepingRecords(): Defect {
  return remember(() => {
    const last = new Map<string, CitizenRecord>();
    return {
      readUserinfo: async (tokens, emta) => {
        const subject = String(tokens.idToken?.sub);
        const record = await readUserinfo(tokens, emta).catch((error: unknown) => {
          const known = last.get(subject);
          if (known === undefined) throw error;
          return known;
        });
        last.set(subject, record);
        return record;
      },
    };
  });
}

function changingNames(change: (name: string) => string): Defect {
  const changed = (value: unknown): unknown => (typeof value === 'string' ? change(foldLetters(value)) : value);
  return remember((policy) => ({
    readIdentity: (record, issuer, mobile, login) => {
      const { given_name, family_name, father_name } = record.claims;
      const names = {
        given_name: changed(given_name),
        family_name: changed(family_name),
        father_name: changed(father_name),
      };
      return policy.readIdentity({ ...record, claims: { ...record.claims, ...names } }, issuer, mobile, login);
    },
  }));
}
