import { expect, test } from '@jest/globals';
import { compareKey, foldDigits, foldLetters, normaliseText, stripBidiMarks, toPersianDigits } from './text.ts';

test('folds Persian and Arabic-Indic digits to Latin ones and leaves the rest', () => {
  expect(foldDigits('۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 0123 الف')).toBe('0123456789 0123456789 0123 الف');
});

test('draws digits as Persian ones, but not within a Latin word or address', () => {
  expect(toPersianDigits('1369/08/17 و ٤٢')).toBe('۱۳۶۹/۰۸/۱۷ و ۴۲');
  expect(toPersianDigits('روش S256 از 43 تا 128')).toBe('روش S256 از ۴۳ تا ۱۲۸');
  expect(toPersianDigits('http://localhost:4300/a1 و E.164، 5')).toBe('http://localhost:4300/a1 و E.164، ۵');
});

test('folds Arabic yeh, alef maksura and kaf, and keeps the zero-width non-joiner', () => {
  expect(foldLetters('يكتا كاوياني\u200cنژاد موسى')).toBe('یکتا کاویانی\u200cنژاد موسی');
});

test('strips the marks of direction', () => {
  expect(stripBidiMarks('\u202a\u200e0907\u200f\u061c\u2066\u2069\u202c')).toBe('0907');
  expect(stripBidiMarks('نیک\u200cپی')).toBe('نیک\u200cپی');
});

test('normalises typed text once: composed, folded, trimmed', () => {
  expect(normaliseText(' \u200fا\u0653رش ۱۲\u00a0')).toBe('آرش 12');
});

test('compares names without joiners, blanks and case', () => {
  expect(compareKey('كاوياني‌نژاد')).toBe(compareKey('کاویانی نژاد'));
  expect(compareKey('Kaveh  Salehi')).toBe('kavehsalehi');
  expect(compareKey('رضا')).not.toBe(compareKey('رضایی'));
});
