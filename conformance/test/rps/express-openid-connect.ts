import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedSettings } from '../../../scripts/documented-settings.ts';
import { runSite } from '../../../scripts/libraries/run-site.ts';
import { librarySites } from '../../../scripts/libraries/sites.ts';
import { freePort } from '../../driver/launch.ts';
import type { RelyingPartyKind, RelyingPartyOptions, RunningRelyingParty } from './relying-party.ts';

const library = 'express-openid-connect';

/** The site that the page on libraries prints, word for word but for its addresses. */
export const expressOpenidConnect: RelyingPartyKind = {
  id: library,
  what: 'express-openid-connect as printed [below](#express-openid-connect), the signature checked in afterCallback',
  face: 'oidc',
  correct: true,
  start,
};

async function start({ issuer }: RelyingPartyOptions): Promise<RunningRelyingParty> {
  const site = librarySites.find((one) => one.library === library);
  if (site === undefined) throw new Error(`expected a site with ${library}, got none`);
  const root = process.cwd();
  const port = await freePort();
  const { stop } = await runSite(site, documentedSettings(library), { root, issuer, port });
  const file = readFileSync(join(root, 'scripts', 'libraries', site.folder, 'emta-rp.json'), 'utf8');
  return { ...JSON.parse(file.replaceAll('8080', `${port}`)), close: stop };
}
