import { describe, expect, test } from '@jest/globals';
import { foldCase, isPlainText } from './plain-text.ts';

describe('a text that can be stored', () => {
  test.each(['', 'Åse', '李明', '👩‍🚀', 'a\tb\n'])('is %j', (text) => expect(isPlainText(text)).toBe(true));
  test.each(['a\u0000', '\uD800', 'a\uDC00b', '\uDC00\uD800'])('is not %j', (text) => expect(isPlainText(text)).toBe(false));
});

test('upper and lower case are one for A to Z alone', () => {
  expect(foldCase('VERA@Corp.Example')).toBe('vera@corp.example');
  expect(foldCase('\u212A \u0130 Ä')).toBe('\u212A \u0130 Ä');
});
