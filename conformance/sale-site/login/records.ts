import * as client from 'openid-client';
import type { Emta } from './emta.ts';
import { LoginEnded } from './reason.ts';
import type { Claims, Tokens } from './redeem.ts';

/** What Emta says of a citizen, under the claim names of OpenID Connect whatever the face. */
export interface CitizenRecord {
  /** None on the resources face, which knows people by national code. */
  readonly subject?: string;
  readonly claims: Claims;
}

const subjectClaims = ['national_code', 'birthdate', 'given_name', 'family_name', 'father_name'] as const;
const mobileClaims = ['phone_number', 'phone_number_verified'] as const;

/** Asks userinfo, whose `sub` must be that of the ID token (OIDC Core 5.3.2), and puts the two together. */
export async function readUserinfo({ accessToken, idToken }: Tokens, emta: Emta): Promise<CitizenRecord> {
  const subject = String(idToken?.sub);
  const userinfo = await client
    .fetchUserInfo(await emta.configuration(), accessToken, subject)
    .catch((error: unknown) => {
      throw new LoginEnded('no_identity', error);
    });
  return { subject, claims: mergeClaims(idToken ?? {}, { ...userinfo }) };
}

/** Where the two sources contradict each other neither is believed. */
function mergeClaims(idToken: Claims, userinfo: Claims): Claims {
  const contradict = (name: string): boolean =>
    idToken[name] !== undefined && userinfo[name] !== undefined && idToken[name] !== userinfo[name];
  if (subjectClaims.some(contradict)) throw new LoginEnded('bad_answer');
  if (mobileClaims.some(contradict)) throw new LoginEnded('mobile_unverified');
  // A flag belongs to the number beside it, so the two are taken from one source.
  const mobileFrom = userinfo.phone_number === undefined ? idToken : userinfo;
  return {
    ...idToken,
    ...userinfo,
    phone_number: mobileFrom.phone_number,
    phone_number_verified: mobileFrom.phone_number_verified,
  };
}

const patience = 5000;

/** Asks the two resources of the real Emta, one after the other: a record is whole or it is none. */
export async function readResources({ accessToken }: Tokens, emta: Emta): Promise<CitizenRecord> {
  const identity = await readResource(`${emta.issuer}/service/v1/user/identity/general`, accessToken, 'bad_answer');
  const mobile = await readResource(
    `${emta.issuer}/service/v1/user/primaryMobileNumber`,
    accessToken,
    'mobile_unverified',
  );
  return {
    claims: {
      given_name: identity.name,
      family_name: identity.family,
      father_name: identity.fatherName,
      national_code: identity.nationalCode,
      birthdate_jalali: identity.birthDate,
      shenasnameh_number: identity.shenasnamehNumber,
      shenasnameh_serial: identity.shenasnamehSerial,
      place_of_issue: identity.placeOfIssue,
      gender: identity.gender,
      phone_number: isRecord(mobile.primaryMobileNumber) ? mobile.primaryMobileNumber.mobileNumber : undefined,
      // This resource holds verified numbers only.
      phone_number_verified: true,
    },
  };
}

/** A token goes to the address it is for and along no redirect (RFC 9700 4.9.1). */
async function readResource(
  address: string,
  accessToken: string,
  refused: 'bad_answer' | 'mobile_unverified',
): Promise<Claims> {
  const { status, body } = await get(address, accessToken).catch((error: unknown) => {
    throw new LoginEnded('no_identity', error);
  });
  if (status === 401 || status === 403) throw new LoginEnded(refused, status);
  if (status !== 200) throw new LoginEnded('no_identity', status);
  const record = parseJson(body);
  if (!isRecord(record) || 'error' in record) throw new LoginEnded('no_identity');
  return record;
}

async function get(address: string, accessToken: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(address, {
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
  });
  return { status: response.status, body: await response.text() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LoginEnded('no_identity', error);
  }
}

export function isRecord(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
