import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Signs cookies; stands where koa and oidc-provider expect a Keygrip, and checks with one HMAC instead of three. */
export interface CookieSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
  /** Which key a signature was made with; 0 for the only one, -1 where it is not ours. */
  index(text: string, signature: string): number;
}

const REMEMBERED = 1000;

export function createCookieSigner(secret: string): CookieSigner {
  const key = createSecretKey(Buffer.from(secret));
  const hmac = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  // A browser sends the same cookie with each request of a journey.
  const sound = new Map<string, string>();

  function verify(text: string, signature: string): boolean {
    if (sound.get(text) === signature) return true;
    const given = Buffer.from(signature, 'base64url');
    const right = hmac(text);
    // What is decoded loosely must also be written as we write it.
    const isSound =
      given.length === right.length && timingSafeEqual(given, right) && given.toString('base64url') === signature;
    if (isSound) remember(text, signature);
    return isSound;
  }

  function remember(text: string, signature: string): void {
    sound.set(text, signature);
    const [oldest] = sound.keys();
    if (sound.size > REMEMBERED && oldest !== undefined) sound.delete(oldest);
  }

  return {
    sign: (text) => hmac(text).toString('base64url'),
    verify,
    index: (text, signature) => (verify(text, signature) ? 0 : -1),
  };
}
