import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldCase, hasControlCharacters, hasUnseenCharacters, isPlainText, normalText } from './plain-text.ts';

describe('a text that can be stored and found again', () => {
  test.each(['', 'Åse', '李明', '👩‍🚀', 'a\tb\n'])('is %j', (text) => expect(isPlainText(text)).toBe(true));
  test.each(['a\u0000', '\uD800', 'a\uDC00b', '\uDC00\uD800'])('is not %j', (text) => expect(isPlainText(text)).toBe(false));
});

test('upper and lower case are one for A to Z alone', () => {
  expect(foldCase('VERA@Corp.Example')).toBe('vera@corp.example');
  expect(foldCase('\u212A \u0130 Ä')).toBe('\u212A \u0130 Ä');
});

describe('texts that look alike', () => {
  test.each([
    ['a space around it', '3740', ['3740 ', ' 3740', '\t3740\r\n']],
    ['a space of another kind', '3740', ['3740\u00a0', '\u20073740', '3740\u3000', '3740\u202f']],
    ['a space of another kind within', 'Müller GmbH', ['Müller\u00a0GmbH', 'Müller\u202fGmbH', 'Mu\u0308ller\u2009GmbH']],
    ['another form of Unicode', 'M\u00dc-1', ['MU\u0308-1']],
    ['something that nobody sees', '3740', ['3740\u200b', '\ufeff3740', '37\u2060\u00ad40', '3740\u200d', '3740\u200c \u200b\u200d ']],
  ])('are one in spite of %s', (_, text, others) => expect(others.map(normalText)).toEqual(others.map(() => text)));
  test.each(['', ' ', '\u00a0', '\u200b', '\u200d\u200c', '\u3164', '\u2800', '\ufe0f'])('%j is blank', (text) => expect(normalText(text)).toBe(''));
  test.each(['❤️', '辻\u{e0100}', 'می\u200cخواهم', '👩‍🚀'])('%s stays as it is written', (text) => expect(normalText(text)).toBe(text));
  test.each(['a\nb', 'a\u0085', 'a\u2028b', '\u202eb', 'a\u200fb', 'a\u2066b\u2069', '\u061ca'])('%j reads as another than it is', (text) =>
    expect(hasControlCharacters(normalText(text))).toBe(true),
  );
  test.each(['37\u200d40', '3740\ufe0f', '\u200b3740'])('%j holds something that nobody sees', (text) => expect(hasUnseenCharacters(text)).toBe(true));
  test('what is seen is no such thing', () => expect([' 3740\u00a0', 'MÜ-1', '李'].map(hasUnseenCharacters)).toEqual([false, false, false]));
  test('property: what is normal stays so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const normal = normalText(text);
        expect(normalText(normal)).toBe(normal);
        expect(normalText(` ${text}\u00a0`)).toBe(normal);
      }),
    );
  });
});
