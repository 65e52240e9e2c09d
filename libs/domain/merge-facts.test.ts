import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SourceRecord } from './facts.ts';
import { mergeFacts } from './merge-facts.ts';
import { record } from './testing/people.ts';

const merge = (...records: SourceRecord[]) =>
  mergeFacts({
    id: 'i-1',
    userName: 'ada',
    userType: 'employee',
    createdAt: '2026-01-01T00:00:00.000Z',
    records,
    precedence: { default: ['hr', 'saml'], attributes: { department: ['saml', 'hr'] } },
    authoritative: ['hr', 'payroll'],
  });
const values = (...records: SourceRecord[]) => Object.fromEntries(Object.entries(merge(...records).attributes).map(([name, { value }]) => [name, value]));
const early = '2026-01-01T00:00:00.000Z';
const late = '2026-02-01T00:00:00.000Z';

describe('precedence', () => {
  test.each([
    [
      'the first listed source wins',
      [record({ id: 'a', source: 'saml', facts: { title: 'S' } }), record({ id: 'b', source: 'hr', facts: { title: 'H' } })],
      { title: 'H' },
    ],
    [
      'an attribute may have its own order',
      [record({ id: 'a', source: 'saml', facts: { department: 'S' } }), record({ id: 'b', source: 'hr', facts: { department: 'H' } })],
      { department: 'S' },
    ],
    ['who says nothing does not win', [record({ id: 'a', source: 'saml', facts: { title: 'S' } }), record({ id: 'b', source: 'hr' })], { title: 'S' }],
    ['"none" wins like a value', [record({ id: 'a', source: 'saml', facts: { title: 'S' } }), record({ id: 'b', source: 'hr', facts: { title: null } })], {}],
    ['an empty text or list means none', [record({ id: 'a', source: 'hr', facts: { title: '', skills: [] } })], {}],
    [
      'unlisted sources come last',
      [
        record({ id: 'a', source: 'zoo', facts: { title: 'Z' }, recordedAt: late }),
        record({ id: 'b', source: 'saml', facts: { title: 'S' }, recordedAt: early }),
      ],
      { title: 'S' },
    ],
    [
      'among equals the latest wins',
      [record({ id: 'a', source: 'x', facts: { title: 'X' }, recordedAt: early }), record({ id: 'b', source: 'y', facts: { title: 'Y' }, recordedAt: late })],
      { title: 'Y' },
    ],
    [
      'then the smaller id',
      [record({ id: 'b', source: 'hr', facts: { title: 'B' } }), record({ id: 'a', source: 'hr', facts: { title: 'A' } })],
      { title: 'A' },
    ],
  ])('%s', (_, records, expected) => expect(values(...records)).toEqual(expected));

  test('an attribute names its source and record', () => {
    expect(merge(record({ id: 'a', source: 'hr', facts: { title: 'T' } })).attributes).toEqual({ title: { value: 'T', source: 'hr', recordId: 'a' } });
  });
});

test('a fact with an unlucky name is just a fact', () => {
  const facts = JSON.parse('{ "__proto__": "x", "constructor": "y", "title": "T" }');
  expect(Object.keys(merge(record({ id: 'a', source: 'hr', facts })).attributes)).toEqual(['__proto__', 'constructor', 'title']);
});

describe('the end of a relationship', () => {
  const active = record({ id: 'new', source: 'hr', status: 'active', recordedAt: late });
  const ended = record({ id: 'old', source: 'hr', status: 'ended', endedAt: early, facts: { endDate: '2026-01-01', department: 'Sales' }, recordedAt: early });
  test('is the latest that authoritative sources report', () => {
    expect(merge(ended, record({ id: 'p', source: 'payroll', status: 'ended', endedAt: late })).ended).toEqual({ at: late, recordId: 'p' });
  });
  test('is none while one of them is active, and the old end date does not count', () => {
    const identity = merge(ended, active);
    expect([identity.ended, identity.attributes['endDate'], identity.attributes['department']?.value]).toEqual([null, undefined, 'Sales']);
  });
  test('is not for sources without a say', () => {
    expect(merge(record({ id: 'a', source: 'saml', status: 'ended', endedAt: early })).ended).toBeNull();
  });
  test('without an instant is when it was recorded', () => {
    expect(merge(record({ id: 'a', source: 'hr', status: 'ended', recordedAt: late })).ended).toEqual({ at: late, recordId: 'a' });
  });
});

test('groups: a source that never spoke of them is absent, one that says "none" is empty, the latest login counts', () => {
  const groups = merge(
    record({ id: 'a', source: 'saml', groups: ['b', 'a', 'b'], recordedAt: early }),
    record({ id: 'b', source: 'saml', groups: [], recordedAt: late }),
    record({ id: 'c', source: 'oidc', groups: ['z', 'a', 'z'] }),
    record({ id: 'd', source: 'hr', groups: null }),
  ).groups;
  expect(groups).toEqual({ oidc: { groups: ['a', 'z'], recordId: 'c' }, saml: { groups: [], recordId: 'b' } });
});

test('property: the order of records does not matter', () => {
  const anyRecord = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    source: fc.constantFrom('hr', 'saml', 'zoo'),
    facts: fc.dictionary(fc.constantFrom('title', 'department', 'endDate'), fc.constantFrom('x', 'y', '', null), { maxKeys: 3 }),
    groups: fc.option(fc.array(fc.constantFrom('g', 'h'), { maxLength: 2 })),
    status: fc.constantFrom('active' as const, 'ended' as const, null),
    endedAt: fc.constantFrom(early, late, null),
    recordedAt: fc.constantFrom(early, late),
  });
  const records = fc.uniqueArray(
    anyRecord.map((more) => record(more)),
    { selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(
      records.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(JSON.stringify(merge(...shuffled))).toBe(JSON.stringify(merge(...all)));
      },
    ),
  );
});
