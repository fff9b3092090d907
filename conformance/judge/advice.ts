import type { Setting } from '../observe/seen.ts';
import { type Told, told } from '../told.ts';

/** What the owner can add to his file so that a row need not stay in doubt, as a line for his own site. */

const at = ({ rp }: Pick<Setting, 'rp'>, path: string): string => new URL(path, rp.protectedUrl).href;

/** Only an address of the relying party can say what it takes a number for. */
export const wantsMobileStatus = (setting: Pick<Setting, 'rp'>): Told =>
  told`to settle it, let an address of the site say whether the number is proven, and name it in the file: ${`"mobile_status": { "url": "${at(setting, '/api/me')}", "verified": "json:$.mobile_verified" }`}`;

/** Needles tell whose values a page shows; only an account's own value tells one account from another. */
export const wantsSessionUrl = (setting: Pick<Setting, 'rp'>): Told =>
  told`to settle it, let an address of the site say who is signed in, by a value per account, and name it in the file: ${`"session_url": { "url": "${at(setting, '/api/me')}", "signed_in": "json:$.id" }`}`;
