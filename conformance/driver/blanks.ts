import type { RelyingParty } from '../rp-file.ts';
import type { Json } from './emta-wire.ts';
import type { Person } from './person.ts';

/** What the blanks in the texts of a case stand for. */
export interface Blanks {
  readonly people: Readonly<Record<string, Person>>;
  readonly mark: string;
  /** Where the attacker's address of this case begins. */
  readonly trap: string;
  readonly issuer: string;
  readonly issuerOfTheCopy: string;
  readonly rp: Pick<RelyingParty, 'start' | 'client'>;
  /** Parameters in which this relying party was seen to carry a return address. */
  readonly returnParameters: readonly string[];
}

type Texts = Readonly<Record<string, string>>;

/** Where sites commonly carry a return address; F14 of the catalogue. */
const returnParameters = [
  'return_to',
  'returnTo',
  'next',
  'redirect',
  'redirect_uri',
  'url',
  'target',
  'continue',
  'r',
];

/** Fills the blanks of texts with what they stand for when it is asked; one that stands for nothing stays. */
export function createFiller(blanks: () => Blanks) {
  const filled = (text: string): string =>
    text.replace(/\{([\w.]+)\}/g, (all, name: string) => meaningOf(name, blanks()) ?? all);

  const filledJson = (value: Json): Json => {
    if (typeof value === 'string') return filled(value);
    if (Array.isArray(value)) return value.map(filledJson);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledJson(one)]));
    return value;
  };

  const filledAll = (texts: Texts | undefined): Texts | undefined =>
    texts === undefined
      ? undefined
      : Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, filled(value)]));

  /** `*` stands for every parameter in which sites are known to carry a return address. */
  const filledQuery = (query: Texts | undefined): Texts | undefined => {
    const everywhere = query?.['*'];
    if (everywhere === undefined) return filledAll(query);
    const { '*': _, ...rest } = query ?? {};
    const names = [...returnParameters, ...blanks().returnParameters];
    return filledAll({ ...rest, ...Object.fromEntries(names.map((name) => [name, everywhere])) });
  };

  return { filled, filledJson, filledAll, filledQuery };
}

function meaningOf(blank: string, { people, mark, trap, issuer, issuerOfTheCopy, rp }: Blanks): string | undefined {
  if (blank === 'trap') return trap;
  if (blank === 'issuer') return issuer;
  if (blank === 'issuer_of_the_copy') return issuerOfTheCopy;
  if (blank === 'mark') return mark;
  if (blank === 'own_host') return new URL(rp.start.url).host;
  if (blank === 'second_redirect_uri') return rp.client.redirect_uris[1] ?? '';
  const [role = '', value = ''] = blank.split('.');
  const person = people[role];
  if (person === undefined) return undefined;
  return { mobile: person.mobile, national_code: person.nationalCode, email: person.email ?? '' }[value];
}
