import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Signs cookies; stands where koa and oidc-provider expect a Keygrip, and checks with one HMAC instead of three. */
export interface CookieSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
  /** Which key a signature was made with; 0 for the only one, -1 where it is not ours. */
  index(text: string, signature: string): number;
}

export function createCookieSigner(secret: string): CookieSigner {
  const key = createSecretKey(Buffer.from(secret));
  const hmac = (text: string): Buffer => createHmac('sha256', key).update(text).digest();

  function verify(text: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    const sound = hmac(text);
    // What is decoded loosely must also be written as we write it.
    return given.length === sound.length && timingSafeEqual(given, sound) && given.toString('base64url') === signature;
  }

  return {
    sign: (text) => hmac(text).toString('base64url'),
    verify,
    index: (text, signature) => (verify(text, signature) ? 0 : -1),
  };
}
