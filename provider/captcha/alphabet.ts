/** The characters of a captcha: letters and digits without those that look alike (0 o, 1 l i). */
export const captchaAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** The characters to draw or speak, in lower case; throws on one that a captcha never has. */
export function captchaCharacters(text: string): readonly string[] {
  const characters = [...text.toLowerCase()];
  for (const character of characters) {
    if (!captchaAlphabet.includes(character)) {
      throw new RangeError(`expected "text" to have characters of "${captchaAlphabet}", got "${character}"`);
    }
  }
  return characters;
}
