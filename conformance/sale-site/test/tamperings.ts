import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { rawJwt, type Tampering } from './stub-emta.ts';

export type Claims = Readonly<Record<string, unknown>>;

export const changing = (change: (claims: Claims) => Claims): Tampering => ({ idToken: change });
export const without = (name: string) => (claims: Claims) => {
  const { [name]: _left, ...rest } = claims;
  return rest;
};
export const signing = (sign: NonNullable<Tampering['sign']>): Tampering => ({ sign });
export const userinfo = (change: (body: Claims) => Claims): Tampering => ({
  userinfo: (body) => ({ body: change(body) }),
});
export const now = () => Math.floor(Date.now() / 1000);
export const macBy = (secretOf: (publicKey: KeyObject) => string | Buffer) =>
  signing(async (claims, { publicKey, kid }) => {
    const unsigned = rawJwt({ alg: 'HS256', kid }, claims).slice(0, -1);
    return `${unsigned}.${createHmac('sha256', secretOf(publicKey)).update(unsigned).digest('base64url')}`;
  });
export const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const signedElsewhere = (header: Claims = {}) =>
  signing((claims, { kid }) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(foreignKey.privateKey),
  );
export const answering = (change: (answer: URLSearchParams) => void): Tampering => ({
  authorization: (sound) => {
    const answer = new URLSearchParams(sound);
    change(answer);
    return answer;
  },
});

export const refusal = (error = 'access_denied', description?: string): Tampering =>
  answering((answer) => {
    answer.delete('code');
    answer.set('error', error);
    if (description !== undefined) answer.set('error_description', description);
  });
