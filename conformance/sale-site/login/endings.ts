import type { PageModels } from '../page-models.ts';
import type { Reason } from './reason.ts';

type EndingPage = PageModels['ended'] & { readonly reason: Reason; readonly status: number };

/** The page of each way in which a login can end without letting the citizen in. */
export const endings: readonly EndingPage[] = [
  ending('refused', 'site.ended.refused', 'site.refused'),
  ending('mismatch', 'site.ended.mismatch', 'site.mismatch'),
  ending('underage', 'site.ended.underage', 'site.underage'),
  ending('mobile_unverified', 'site.ended.mobile_unverified', 'site.mobile_unverified'),
  ending('unavailable', 'site.ended.unavailable', 'site.unavailable', 503),
  ending('no_identity', 'site.ended.no_identity', 'site.unavailable'),
  ending('bad_answer', 'site.ended.bad_answer', 'site.bad_answer'),
];

function ending(reason: Reason, title: string, message: string, status = 200): EndingPage {
  return { reason, title, message, status, retry: 'site.retry' };
}
