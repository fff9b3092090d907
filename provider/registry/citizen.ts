/** Ten digits whose check digit is right, made by `parseNationalCode` alone. */
export type NationalCode = string & { readonly brand: 'NationalCode' };
/** E.164 of an Iranian mobile, `+989` and nine digits, made by `parseMobile` alone. */
export type Mobile = string & { readonly brand: 'Mobile' };
/** A calendar date, ISO 8601, Gregorian: `1990-11-08`. Never an instant. Made by `parseBirthDate` alone. */
export type BirthDate = string & { readonly brand: 'BirthDate' };

/** A made-up person, as the civil register holds them. */
export interface Citizen {
  readonly nationalCode: NationalCode;
  readonly givenName: string;
  readonly familyName: string;
  readonly fatherName?: string;
  readonly birthDate: BirthDate;
  readonly gender: 'male' | 'female';
  /** 1 to 10 digits; equal to the national code for those born from 1368 on; some registers answer `0` or nothing. */
  readonly shenasnamehNumber?: string;
  /** Letter, two-digit series and six-digit serial, e.g. `الف 12 345678`. */
  readonly shenasnamehSerial?: string;
  readonly placeOfIssue?: string;
  readonly email?: string;
  readonly deceased?: boolean;
  /** Has an Emta account already: the SMS code alone signs in. */
  readonly enrolled?: boolean;
  /** The civil register does not answer for this person. */
  readonly civilRegister?: 'unreachable';
  /** The id of the persona, where this is one. */
  readonly persona?: string;
}

/** A mobile line, as the ownership register holds it. */
export interface Line {
  readonly mobile: Mobile;
  /** National code of the owner. */
  readonly owner: NationalCode;
  readonly state: 'active' | 'inactive';
  /** What the ownership register answers instead of yes or no. */
  readonly ownershipRegister?: 'unknown' | 'unreachable';
  /** The first SMS of each journey never arrives. */
  readonly firstSmsLost?: boolean;
  /** Every code sent to this line, instead of a drawn one. */
  readonly fixedCode?: string;
}
