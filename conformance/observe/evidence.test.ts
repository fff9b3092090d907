import { describe, expect, test } from '@jest/globals';
import { madeLook, madePerson, madeSeen, madeTrace, shop } from '../test/made-seen.ts';
import { evidenceOf } from './evidence.ts';

const titled = (title: string) => `<title>${title}</title><p>${title}</p>`;

describe('the page that is kept of a case', () => {
  const seen = madeSeen({
    traces: {
      login: madeTrace(`${shop}/account`, titled('welcome')),
      refused: madeTrace(`${shop}/cb`, titled('refused')),
    },
    looks: { after: madeLook(titled('account')) },
  });
  const titleOf = (shown?: string) => evidenceOf('', seen, shown).page?.title;

  test('is that of the look or step that the row is about', () => {
    expect([titleOf('after'), titleOf('login')]).toEqual(['account', 'welcome']);
  });

  test('is the last one where the case names none', () => {
    expect(titleOf()).toBe('refused');
  });

  test('is not that of another step where its own never came about', () => {
    expect(titleOf('after.b')).toBeUndefined();
  });
});

describe('a name', () => {
  const people = { A: madePerson({ givenName: 'سامان', familyName: 'رستگار', subject: 'Zk3vQ9pLm2xTyUw' }) };
  const textOf = (words: string) =>
    evidenceOf('', madeSeen({ people, traces: { login: madeTrace(`${shop}/cb`, `<p>${words}</p>`) } })).page?.text;

  test('is hidden as a word, and left alone within another', () => {
    expect(textOf('سامان، به سامانه امتا خوش آمدید')).toBe('[given name of A]، به سامانه امتا خوش آمدید');
  });

  test('is hidden beside marks, digits of codes are hidden wherever they stand', () => {
    expect(textOf('«سامان رستگار» (کد9991001018)')).toBe('«[full name of A]» (کد[national code of A])');
    expect(textOf('idZk3vQ9pLm2xTyUw')).toBe('id[subject of A]');
  });
});
