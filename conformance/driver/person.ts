/** A made-up citizen as Emta's control interface hands him out. */
export interface Person {
  readonly nationalCode: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly fatherName?: string;
  /** ISO 8601, Gregorian. */
  readonly birthDate: string;
  /** `1369/08/17`. */
  readonly birthJalali: string;
  readonly gender: string;
  readonly shenasnamehNumber?: string;
  readonly shenasnamehSerial?: string;
  readonly placeOfIssue?: string;
  readonly email?: string;
  /** E.164. */
  readonly mobile: string;
  /** What Emta calls him towards this client. */
  readonly subject?: string;
}

/** `09…`, as people write it. */
export const nationalForm = (mobile: string): string => mobile.replace(/^\+98/, '0');
