import { todayInTehran } from '../jalali.ts';
import type { Site } from '../site.ts';
import type { Emta } from './emta.ts';
import type { Identity } from './identity.ts';
import type { Login } from './logins.ts';
import { type Reason, reasonOf } from './reason.ts';
import { asLoginEnded } from './trouble.ts';

export type Ending =
  | { readonly kind: 'in'; readonly login: Login; readonly identity: Identity }
  | { readonly kind: 'ended'; readonly login?: Login; readonly reason: Reason }
  | { readonly kind: 'repeated'; readonly landing: string };

/** An answer as a browser brings it. */
export interface Arrival {
  readonly path: string;
  readonly answer: URLSearchParams;
  readonly browser: string | undefined;
}

type Used = Pick<Site, 'policy' | 'logins' | 'emta' | 'otherEmta' | 'clock' | 'log'>;

/** Deals with an authorization answer, from the login it belongs to down to a citizen whom the site may let in. */
export async function finishLogin({ path, answer, browser }: Arrival, site: Used): Promise<Ending> {
  const { policy } = site;
  if (!policy.isWellFormed(answer)) return { kind: 'ended', reason: 'bad_answer' };

  const login = policy.recallLogin(answer, browser, site.logins);
  if (login === undefined) return { kind: 'ended', reason: 'bad_answer' };
  if (!policy.isUnanswered(login)) return { kind: 'repeated', landing: login.landing ?? '/account' };
  login.landing = '/account';

  const end = (reason: Reason): Ending => ({ kind: 'ended', login, reason });
  try {
    const emta = [site.emta, site.otherEmta].find((it) => it?.issuer === login.issuer) ?? site.emta;
    if (!policy.arrivesWhereAsked(path, login)) return end('bad_answer');
    if (!policy.fitsIssuer(answer, login, await promisesIssuer(emta))) return end('bad_answer');

    const judgement = policy.judgeAnswer(answer);
    if (judgement.kind === 'ended') return end(judgement.reason);

    const tokens = await policy.redeem(answer, login, emta);
    if (emta.face === 'oidc' && !policy.isIdTokenSound(tokens, emta.clientId, site.clock.now())) {
      return end('bad_answer');
    }
    const read = emta.face === 'oidc' ? policy.readUserinfo : policy.readResources;
    const record = await read(tokens, emta, login);
    const identity = policy.readIdentity(record, emta.issuer, policy.provenMobile(record.claims), login);
    if (identity === undefined) return end('bad_answer');

    const refusal = refusalOf(identity, login, site);
    return refusal === undefined ? { kind: 'in', login, identity } : end(refusal);
  } catch (thrown) {
    const error = asLoginEnded(thrown);
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    site.log('finishing a login', error);
    return end(reason);
  }
}

async function promisesIssuer(emta: Emta): Promise<boolean> {
  const metadata = (await emta.configuration()).serverMetadata();
  return metadata.authorization_response_iss_parameter_supported === true;
}

/** The rules of the sale: the same person as typed, with a number of their own, of age. */
function refusalOf(identity: Identity, login: Login, { policy, clock }: Used): Reason | undefined {
  const asTyped = policy.isAsTyped(identity, login);
  if (!asTyped.code) return 'mismatch';
  if (policy.isMobileRequired && identity.mobile === undefined) return 'mobile_unverified';
  if (!asTyped.mobile) return 'mobile_unverified';
  if (!policy.isOfAge(identity.birthDate, todayInTehran(clock.now()))) return 'underage';
  return undefined;
}
