import type { Site } from '../site.ts';
import type { Registration } from './registration.ts';

/** Sends the registration's code to the verified mobile and nowhere else; false when the gateway did not take it. */
export async function isCodeSent({ details, code }: Registration, site: Site): Promise<boolean> {
  return isSmsSent(details.mobile, site.pages.text({ key: 'site.code.sms', params: { code: code.text } }), site);
}

/** A gateway that is down is told to the citizen, who may ask again; the cause goes to the log. */
export async function isSmsSent(to: string, text: string, site: Pick<Site, 'sendSms' | 'log'>): Promise<boolean> {
  return site.sendSms(to, text).then(
    () => true,
    (error: unknown) => {
      site.log('sending an SMS', error);
      return false;
    },
  );
}
