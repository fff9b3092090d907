import type { Details } from '../accounts.ts';
import { formatJalali, parseIsoDate } from '../jalali.ts';
import type { Identity } from '../login/identity.ts';
import { nationalMobile } from '../mobile.ts';
import type { FieldModel } from '../page-models.ts';
import type { Site } from '../site.ts';
import type { Field } from './fields.ts';

const educations = ['none', 'diploma', 'associate', 'bachelor', 'master', 'doctor'] as const;

/** The form as it is drawn: Emta's values read-only, everything else open. */
export function fieldModels(
  fields: readonly Field[],
  identity: Identity,
  entered: Details,
  { pages }: Pick<Site, 'pages'>,
): readonly FieldModel[] {
  const text = (key: string): string => pages.text({ key });
  const genders = { male: text('site.info.gender_male'), female: text('site.info.gender_female') };
  return fields.map((field) => {
    const verified = field.verified?.(identity);
    const value = verified ?? entered[field.member];
    const isReadonly = verified !== undefined;
    const drawn =
      field.member === 'gender' && isReadonly && identity.gender ? genders[identity.gender] : draw(field, value);
    return {
      name: field.name,
      label: text(field.label),
      value: drawn,
      kind: kindOf(field, isReadonly),
      isReadonly,
      isRequired: field.isRequired && !isReadonly,
      ...(field.kind === 'date' && !isReadonly ? { hint: text('site.info.date_hint') } : {}),
      ...(field.kind === 'choice' && !isReadonly ? { choices: choicesOf(field, genders, text) } : {}),
    };
  });
}

function kindOf({ name, kind }: Field, isReadonly: boolean): FieldModel['kind'] {
  if (kind === 'choice') return isReadonly ? 'text' : 'choice';
  if (kind === 'mobile' || kind === 'number') return 'number';
  if (kind === 'date') return 'date';
  return name === 'address' ? 'long' : 'text';
}

function choicesOf(
  { name }: Field,
  genders: Readonly<Record<string, string>>,
  text: (key: string) => string,
): Readonly<Record<string, string>> {
  if (name === 'gender') return genders;
  // The word itself is posted and stored.
  return Object.fromEntries(educations.map((level) => text(`site.education.${level}`)).map((word) => [word, word]));
}

function draw({ kind }: Field, value: string): string {
  if (kind === 'mobile') return nationalMobile(value);
  return kind === 'date' && parseIsoDate(value) !== undefined ? formatJalali(value) : value;
}
