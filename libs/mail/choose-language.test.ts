import { expect, test } from '@jest/globals';
import { chooseLanguage } from './choose-language.ts';

// RFC 7643 section 4.1.1: preferredLanguage is written as HTTP's Accept-Language.
test.each([
  ['de', 'en', 'de'],
  ['de-CH', 'en', 'de'],
  ['de_AT', 'en', 'de'],
  ['fr, de;q=0.5, en;q=0.7', 'de', 'en'],
  ['fr', 'de', 'de'],
  ['de;q=0', 'en', 'en'],
  ['', 'de', 'de'],
  [undefined, 'de', 'de'],
  [['de'], 'en', 'en'],
  ['*', 'en', 'en'],
  [';;;,,,q=', 'en', 'en'],
  ['de', 'xx', 'de'],
  ['xx', 'yy', 'en'],
])('%j, else %s: writes in %s', (preferred, otherwise, language) => expect(chooseLanguage(preferred, otherwise)).toBe(language));
