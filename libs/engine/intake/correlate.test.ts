import { describe, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { StoredRecord } from '@tenure/store';
import fc from 'fast-check';
import { correlate } from './correlate.ts';
import { type CorrelationValue, correlationValues, isSameKey } from './correlation-value.ts';
import { type KnownPerson, knownPerson } from './known-person.ts';

const now = '2026-03-01T12:00:00.000Z';
const past = '2026-02-01T00:00:00.000Z';
const source = (name: string, correlateBy: object[], authoritative = true) => ({
  name,
  title: name,
  authoritative,
  mayCreate: true,
  userType: 'employee',
  trustedEmailDomains: ['corp.example'],
  correlate: correlateBy,
});
const configuration = {
  timeZone: 'UTC',
  precedence: { default: [], attributes: {} },
  sources: {
    hr: source('hr', [{ attribute: 'number' }, { attribute: 'personId', forLife: true }, { attribute: 'taxId', forLife: true }, { email: true }]),
    vendors: source('vendors', [{ attribute: 'number' }, { attribute: 'personId', forLife: true }]),
    badges: source('badges', [{ attribute: 'number' }, { attribute: 'personId' }], false),
  },
  identityProviders: {},
} as unknown as Configuration;

let made = 0;
const says = (identityId: string, name: string, facts: StoredRecord['facts'], more: Partial<StoredRecord> = {}): StoredRecord => {
  made += 1;
  const id = `record-${made}`;
  const isFeed = name !== 'badges';
  return {
    id,
    identityId,
    source: name,
    externalId: id,
    version: '1',
    facts,
    groups: null,
    emailTrusted: true,
    status: isFeed ? 'active' : null,
    endedAt: null,
    recordedAt: past,
    ...more,
  };
};
const ended = { status: 'ended', endedAt: past } as const;

/** Correlates as with a database that has these records. */
function find(records: readonly StoredRecord[], from: 'hr' | 'vendors' | 'badges', facts: StoredRecord['facts']) {
  const settings = configuration.sources[from];
  if (settings === undefined) throw new Error('there is no such source');
  const people = new Map<string, KnownPerson>();
  for (const [id, own] of Map.groupBy(records, ({ identityId }) => identityId ?? ''))
    people.set(id, knownPerson(configuration, { identityId: id, state: 'active', next: null }, own, now));
  const keyed = (value: CorrelationValue, name: string): boolean =>
    value.kind === 'email' || (configuration.sources[name]?.correlate ?? []).some((key) => 'attribute' in key && key.attribute === value.by);
  const candidatesOf = (value: CorrelationValue): readonly KnownPerson[] => {
    const saying = records.filter((one) => (one.withdrawnAt ?? null) === null && keyed(value, one.source) && isSameKey(one.facts[value.by], value.value));
    return [...new Set(saying.map(({ identityId }) => identityId ?? ''))].flatMap((id) => people.get(id) ?? []);
  };
  return correlate({ source: from, values: correlationValues(settings, facts, true) }, candidatesOf);
}
const linked = (identityId: string, by: string) => ({ kind: 'found', identityId, by });
const asked = (why: string, ...candidates: string[]) => ({ kind: 'ambiguous', why, candidates });

describe('a key that may be used again', () => {
  test.each([
    ['links where its only holder is here', [says('a', 'hr', { number: '7' })], 'vendors', { number: '7' }, linked('a', 'number')],
    ['without the case of A to Z', [says('a', 'hr', { number: 'e-7' })], 'vendors', { number: 'E-7' }, linked('a', 'number')],
    ['asks where the source speaks of them already', [says('a', 'hr', { number: '7' })], 'hr', { number: '7' }, asked('another-record', 'a')],
    [
      'links where what it said of them before has ended',
      [says('a', 'hr', { number: '7' }), says('a', 'vendors', { number: '7' }, ended)],
      'vendors',
      { number: '7' },
      linked('a', 'number'),
    ],
    ['asks where they have left', [says('a', 'hr', { number: '7' }, ended)], 'vendors', { number: '7' }, asked('ended', 'a')],
    ['asks where their last day is over', [says('a', 'hr', { number: '7', endDate: '2026-02-01' })], 'vendors', { number: '7' }, asked('ended', 'a')],
    [
      'asks where only what has ended says it',
      [says('a', 'hr', { number: '7' }, ended), says('a', 'hr', { number: '8' })],
      'vendors',
      { number: '7' },
      asked('ended', 'a'),
    ],
    [
      'links to who has it now, whoever had it before',
      [says('a', 'hr', { number: '7' }, ended), says('b', 'hr', { number: '7' })],
      'vendors',
      { number: '7' },
      linked('b', 'number'),
    ],
    [
      'asks where several have it',
      [says('a', 'hr', { number: '7' }), says('b', 'hr', { number: '7' })],
      'vendors',
      { number: '7' },
      asked('several', 'a', 'b'),
    ],
    [
      'asks where a key for life is another',
      [says('a', 'hr', { number: '7', personId: 'A' })],
      'vendors',
      { number: '7', personId: 'B' },
      asked('contradicted', 'a'),
    ],
    [
      'links where a key that is for life elsewhere alone is another',
      [says('a', 'hr', { number: '7', personId: 'A' })],
      'badges',
      { number: '7', personId: 'B' },
      linked('a', 'number'),
    ],
    ['finds nobody in what was withdrawn', [says('a', 'hr', { number: '7' }, { ...ended, withdrawnAt: past })], 'vendors', { number: '7' }, { kind: 'none' }],
    ['an e-mail is one', [says('a', 'vendors', { email: 'a@corp.example' }, ended)], 'hr', { email: 'a@corp.example' }, asked('ended', 'a')],
  ] as const)('%s', (_, records, from, facts, expected) => expect(find(records, from, facts)).toMatchObject(expected));
});

describe('a key for life', () => {
  test.each([
    ['links over an end', [says('a', 'hr', { personId: 'A' }, ended)], 'hr', { personId: 'A' }, linked('a', 'personId')],
    ['links a second record of the same source', [says('a', 'hr', { personId: 'A' })], 'hr', { personId: 'A' }, linked('a', 'personId')],
    [
      'decides over a number that comes before it',
      [says('a', 'hr', { personId: 'A' }), says('b', 'hr', { number: '7' })],
      'hr',
      { number: '7', personId: 'A' },
      linked('a', 'personId'),
    ],
    [
      'asks where two of them find two people',
      [says('a', 'hr', { personId: 'A' }), says('b', 'hr', { taxId: 'T' })],
      'hr',
      { personId: 'A', taxId: 'T' },
      asked('several', 'a', 'b'),
    ],
    ['asks where another one contradicts', [says('a', 'hr', { personId: 'A', taxId: 'T' })], 'hr', { personId: 'A', taxId: 'U' }, asked('contradicted', 'a')],
    [
      'counts as one that may be used again where only one side says so',
      [says('a', 'badges', { personId: 'A' }), says('a', 'hr', {}, ended)],
      'hr',
      { personId: 'A' },
      asked('ended', 'a'),
    ],
    ['and so for who asks', [says('a', 'hr', { personId: 'A' }, ended)], 'badges', { personId: 'A' }, asked('ended', 'a')],
  ] as const)('%s', (_, records, from, facts, expected) => expect(find(records, from, facts)).toMatchObject(expected));
});

test('property: nobody is linked to who has another key for life, nor by anything else to who has left; and the order of records and keys is all the same', () => {
  const facts = fc.record(
    {
      number: fc.constantFrom('1', '2'),
      personId: fc.constantFrom('A', 'B'),
      taxId: fc.constantFrom('S', 'T'),
      email: fc.constantFrom('x@corp.example', 'y@corp.example'),
    },
    { requiredKeys: [] },
  );
  const anyRecord = fc
    .record({ identityId: fc.constantFrom('a', 'b', 'c'), name: fc.constantFrom('hr', 'vendors', 'badges'), facts, isOver: fc.boolean() })
    .map(({ identityId, name, facts: said, isOver }) => says(identityId, name, said, isOver ? ended : {}));
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 6 }), facts, (records, said) => {
      const found = find(records, 'hr', said);
      expect(find(records.toReversed(), 'hr', said).kind).toBe(found.kind);
      if (found.kind !== 'found') return;
      const own = records.filter(({ identityId }) => identityId === found.identityId);
      const forLife = (name: 'personId' | 'taxId', sources: readonly string[]): readonly unknown[] =>
        own.filter((one) => sources.includes(one.source)).flatMap((one) => one.facts[name] ?? []);
      const lasting = [forLife('personId', ['hr', 'vendors']), forLife('taxId', ['hr'])] as const;
      for (const [index, name] of (['personId', 'taxId'] as const).entries())
        if (said[name] !== undefined && (lasting[index] ?? []).length > 0) expect(lasting[index]).toContain(said[name]);
      const isForLife = lasting[0].includes(said.personId) || lasting[1].includes(said.taxId);
      expect(found.forLife).toBe(isForLife);
      if (!isForLife) {
        expect(own.some(({ source: name, status }) => name === 'hr' && status !== 'ended')).toBe(false);
        const deciding = own.filter(({ source: name, status }) => name !== 'badges' && status !== null);
        expect(deciding.length === 0 || deciding.some(({ status }) => status === 'active')).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});
