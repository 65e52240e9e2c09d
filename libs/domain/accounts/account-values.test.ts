import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeRules } from './account.ts';
import { canonicalValue, changedAttributes, isProvenSame, sameValue } from './account-values.ts';
import type { AttributeValue } from '../identity/facts.ts';

const caseless = { compare: 'caseless' } as const;
const pairs = (rows: readonly (readonly [AttributeValue, AttributeValue])[]) => rows;

describe('compare: caseless', () => {
  test.each(
    pairs([
      ['Ada.Lovelace@Example.COM', 'ada.lovelace@example.com'],
      ['MÜLLER', 'Müller'],
      ['Mu\u0308ller', 'MÜLLER'],
      ['Straße', 'STRASSE'],
      ['Ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ'],
      ['ΣΑΣ Α', 'σας α'],
      ['ﬁn', 'FIN'],
      [
        ['Finance', 'staff'],
        ['STAFF', 'finance', 'FINANCE'],
      ],
      ['a@x', ['A@X']],
    ]),
  )('%j and %j count as equal', (ours, theirs) => {
    expect([sameValue(ours, theirs, caseless), sameValue(theirs, ours, caseless)]).toEqual([true, true]);
    expect(canonicalValue(ours, caseless)).toBe(canonicalValue(theirs, caseless));
  });

  test.each(
    pairs([
      ['ada', 'eve'],
      ['ada', []],
      ['resume', 'résumé'],
      [['a', 'b'], 'A'],
    ]),
  )('%j and %j stay different', (ours, theirs) => expect(sameValue(ours, theirs, caseless)).toBe(false));

  test('only this rule takes them for equal', () => expect([sameValue('MÜLLER', 'Müller'), sameValue('Ada', 'ada', {})]).toEqual([false, false]));

  test('is reflexive and symmetric over any text, and takes capitals and small letters of a text for the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(sameValue(a, a, caseless)).toBe(true);
        expect(sameValue(a, b, caseless)).toBe(sameValue(b, a, caseless));
        expect(sameValue(a, a.toUpperCase(), caseless)).toBe(true);
        if (sameValue(a, b)) expect(sameValue(a, b, caseless)).toBe(true);
      }),
    );
  });
});

test('letters composed and decomposed are the same text, by any rule', () => {
  expect([sameValue('Zoe\u0308', 'Zoë'), sameValue('Zoe\u0308', 'Zoë', caseless)]).toEqual([true, true]);
});

test('one text has the same canonical form alone and as a list, by any rule', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'TRUE', 'false', 'Zoe\u0308', 'ß', '"', '\\', '\ud800'));
  fc.assert(fc.property(text, fc.constantFrom(undefined, caseless), (value, rule) => expect(canonicalValue(value, rule)).toBe(canonicalValue([value], rule))));
});

describe('changedAttributes by rules', () => {
  const rules: AttributeRules = { mail: caseless, pin: { writeOnly: true } };

  test('what differs in case alone has not changed, where the rule says so', () => {
    expect(changedAttributes({ mail: 'Ada@X', title: 'Clerk' }, { mail: 'ada@x', title: 'clerk' }, rules)).toEqual({ title: 'Clerk' });
  });

  test('what the target never shows is not counted as changed; without rules it is, as for a new account', () => {
    const ours = { mail: 'Ada@X', pin: '1234' };
    expect(changedAttributes(ours, { mail: 'Ada@X' }, rules)).toEqual({});
    expect(changedAttributes(ours, { mail: 'Ada@X', pin: 'hidden' }, rules)).toEqual({});
    expect(changedAttributes(ours, {})).toEqual(ours);
  });

  test('an attribute called like a method has no rule', () => {
    expect(changedAttributes({ constructor: 'A', toString: 'B' }, { constructor: 'a' }, rules)).toEqual({ constructor: 'A', toString: 'B' });
  });
});

describe('isProvenSame', () => {
  test.each(
    pairs([
      ['KIM@x', '\u212Aim@x'],
      ['boss@x', 'bo\u017Fs@x'],
      ['gross@x', 'groß@x'],
      ['ida@x', '\u0131da@x'],
      ['fin@x', 'ﬁn@x'],
    ]),
  )('%j is not proven by %j, which only folds to it', (ours, theirs) => {
    expect(sameValue(ours, theirs, caseless)).toBe(true);
    expect([isProvenSame(ours, theirs, caseless), isProvenSame(theirs, ours, caseless), isProvenSame(ours, theirs)]).toEqual([false, false, false]);
  });

  test('the Kelvin sign is no K by the exact rule either, though Unicode composes it to one', () => {
    expect([sameValue('K', '\u212A'), isProvenSame('K', '\u212A')]).toEqual([true, false]);
  });

  test('a text proves itself, in other case where the rule says so, composed or not', () => {
    expect([isProvenSame('Straße', 'Straße'), isProvenSame('Ada@X', 'ada@x', caseless), isProvenSame('Zoe\u0308', 'Zoë')]).toEqual([true, true, true]);
    expect([isProvenSame('Ada@X', 'ada@x'), isProvenSame('ada@x', 'eve@x', caseless)]).toEqual([false, false]);
  });
});
