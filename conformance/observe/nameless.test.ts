import { expect, test } from '@jest/globals';
import { madePerson, otherPerson } from '../test/made-seen.ts';
import { verbatim } from '../told.ts';
import { nameless } from './nameless.ts';

test('a name that a site showed to somebody else is in no text of a verdict', () => {
  const verdict = {
    because: verbatim('«Welcome, رضا فرهمند»'),
    cases: [{ page: { text: 'مریم رستگار و رضا فرهمند', picture: 'رضا فرهمند' } }],
  };
  expect(nameless(verdict, [madePerson(), otherPerson])).toEqual({
    because: verbatim('«Welcome, [full name]»'),
    cases: [{ page: { text: '[full name] و [full name]', picture: 'رضا فرهمند' } }],
  });
});

test('a given name alone, which may be a word, stays', () => {
  expect(nameless('مریم خوش آمدید', [madePerson()])).toBe('مریم خوش آمدید');
});
