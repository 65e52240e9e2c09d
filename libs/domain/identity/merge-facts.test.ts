import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Identity, Instant, Precedence, SourceRecord } from './facts.ts';
import { mergeFacts } from './merge-facts.ts';
import { record } from '../testing/people.ts';

const merged = (records: readonly SourceRecord[], now: Instant, precedence: Precedence) => {
  const about = { id: 'i-1', userName: 'ada', userType: 'partner' as const, createdAt: '2026-01-01T00:00:00.000Z' };
  return mergeFacts({ ...about, records, precedence, authoritative: ['hr', 'payroll', 'vendor'], logins: ['saml', 'x', 'y'], now, timeZone: 'Europe/Berlin' });
};
const merge = (...records: SourceRecord[]) => merged(records, late, { default: ['hr', 'saml'], attributes: { department: ['saml', 'hr'] } });
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
      'among equal logins the latest wins',
      [record({ id: 'a', source: 'x', facts: { title: 'X' }, recordedAt: early }), record({ id: 'b', source: 'y', facts: { title: 'Y' }, recordedAt: late })],
      { title: 'Y' },
    ],
    [
      'what is still equal goes by the ids of the source',
      [record({ id: 'b', source: 'hr', facts: { title: 'B' } }), record({ id: 'a', source: 'hr', facts: { title: 'A' } })],
      { title: 'A' },
    ],
  ])('%s', (_, records, expected) => expect(values(...records)).toEqual(expected));

  test('an attribute names its source and record', () => {
    expect(merge(record({ id: 'a', source: 'hr', facts: { title: 'T' } })).attributes).toEqual({ title: { value: 'T', source: 'hr', recordId: 'a' } });
  });
});

describe('what a source may say', () => {
  const hr = record({ id: 'a', source: 'hr', status: 'active', facts: { title: 'H' } });
  const login = record({ id: 'b', source: 'saml', facts: { title: 'S', department: 'Finance', endDate: '2026-03-31' } });
  const said = (precedence: Partial<Precedence>, ...records: SourceRecord[]) => {
    const { attributes, relationships } = merged(records, late, { default: ['hr', 'saml'], attributes: {}, ...precedence });
    return { ...Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value])), end: relationships[0]?.end?.at ?? null };
  };

  test('an exclusive order believes nobody else, also where those who are listed say nothing', () => {
    const only = { attributes: { department: ['hr'], title: ['saml'] }, exclusive: ['department', 'title'] };
    expect(said(only, hr, login)).toEqual({ title: 'S', endDate: '2026-03-31', end: '2026-03-31T22:00:00.000Z' });
    expect(said(only, login)).toEqual({ title: 'S', endDate: '2026-03-31', end: '2026-03-31T22:00:00.000Z' });
    expect(said({ exclusive: ['title'] }, login)).toMatchObject({ department: 'Finance' });
    expect(said({ exclusive: ['title'] }, login)).not.toHaveProperty('title');
  });

  test('what a source may not state counts as not said, be it an attribute or an end; sources without a list may state anything', () => {
    expect(said({ mayState: { saml: ['department'] } }, login)).toEqual({ department: 'Finance', end: null });
    expect(said({ mayState: { saml: [] } }, hr, login)).toEqual({ title: 'H', end: null });
    expect(said({ mayState: { hr: [] } }, { ...hr, facts: { endDate: '2026-03-15' } }).end).toBeNull();
  });

  test('an operator is believed whatever is said of sources', () => {
    const only = { attributes: { title: ['hr'] }, exclusive: ['title'] };
    expect(said(only, hr, record({ id: 'o', source: 'operator', facts: { title: 'O' } }))).toMatchObject({ title: 'H' });
    expect(said(only, record({ id: 'o', source: 'operator', facts: { title: 'O' } }))).toMatchObject({ title: 'O' });
  });
});

describe('the kind of somebody of whom only logins speak', () => {
  const type = (...records: SourceRecord[]) => merge(...records).userType;
  const saml = record({ id: 'a', source: 'saml', userType: 'contractor', recordedAt: early });
  const other = record({ id: 'b', source: 'x', userType: 'employee', recordedAt: early });

  test('is what the login says, by precedence, and the later of two that are equal', () => {
    expect([type(saml), type(other), type(saml, other)]).toEqual(['contractor', 'employee', 'contractor']);
    const later = record({ id: 'c', source: 'x', userType: 'contractor', recordedAt: late, externalId: 'z' });
    expect([type(other, later), type({ ...other, recordedAt: late }, { ...later, recordedAt: early })]).toEqual(['contractor', 'employee']);
  });

  test('is what is known where no login says one, and never goes before a source with authority', () => {
    expect(type({ ...saml, userType: null })).toBe('partner');
    const payroll = record({ id: 'p', source: 'payroll', userType: 'employee' });
    expect([type(saml, payroll), type(saml, { ...payroll, status: 'active' })]).toEqual(['employee', 'employee']);
    expect(type(other, record({ id: 'e', source: 'hr', status: 'ended', endedAt: early, userType: 'contractor' }))).toBe('partner');
  });
});

test('a fact with an unlucky name is just a fact', () => {
  const facts = JSON.parse('{ "__proto__": "x", "constructor": "y", "title": "T" }');
  expect(Object.keys(merge(record({ id: 'a', source: 'hr', facts })).attributes)).toEqual(['__proto__', 'constructor', 'title']);
});

describe('relationships', () => {
  const hr = (id: string, more: Partial<SourceRecord>): SourceRecord => record({ id, source: 'hr', status: 'active', ...more });
  const bounds = (...records: SourceRecord[]) => merge(...records).relationships.map(({ start, end }) => [start?.at ?? null, end?.at ?? null]);

  test('are what authoritative sources report, with days where each says that the person works', () => {
    const berlin = hr('a', { facts: { startDate: '2026-01-10', endDate: '2026-03-28' } });
    const apia = hr('b', { facts: { startDate: '2026-04-01', timeZone: 'Pacific/Apia' } });
    expect(bounds(apia, berlin)).toEqual([
      ['2026-03-31T11:00:00.000Z', null],
      ['2026-01-09T23:00:00.000Z', '2026-03-28T23:00:00.000Z'],
    ]);
  });
  test('end when it is reported, without an instant when that was recorded, or on their last day if that is earlier', () => {
    expect(merge(hr('a', { status: 'ended', endedAt: early })).relationships[0]?.end).toEqual({ at: early, recordId: 'a', by: 'report' });
    expect(bounds(hr('a', { status: 'ended', recordedAt: late }))).toEqual([[null, late]]);
    expect(bounds(hr('a', { status: 'ended', endedAt: late, facts: { endDate: '2026-01-05' } }))).toEqual([[null, '2026-01-05T23:00:00.000Z']]);
  });
  test('are not for sources without a say', () => {
    expect(bounds(record({ id: 'a', source: 'saml', status: 'ended', endedAt: early }))).toEqual([]);
  });
  test('without a source that has a say, the dates of the others tell', () => {
    expect(bounds(record({ id: 'a', source: 'saml', facts: { endDate: '2026-01-05', timeZone: 'Asia/Tokyo' } }))).toEqual([[null, '2026-01-05T15:00:00.000Z']]);
  });
  test('a correction by a source that precedence puts first counts for each', () => {
    const precedence = { default: ['hr'], attributes: { endDate: ['operator', 'hr'] } };
    const records = [hr('a', { facts: { endDate: '2026-01-31' } }), record({ id: 'o', source: 'operator', facts: { endDate: '2026-02-28' } })];
    expect(merged(records, late, precedence).relationships[0]?.end).toMatchObject({ at: '2026-02-28T23:00:00.000Z', recordId: 'o' });
  });
});

test('a record that only reports the end says nothing of the kind of person', () => {
  const ended = record({ id: 'a', source: 'hr', status: 'ended', endedAt: early, userType: 'employee' });
  expect(merge(ended).userType).toBe('partner');
  expect(merge(record({ id: 'a', source: 'hr', status: 'active', userType: 'employee' })).userType).toBe('employee');
});

describe('the zone in which a last day ends', () => {
  const hr = (id: string, facts: SourceRecord['facts'], more: Partial<SourceRecord> = {}) => record({ id, source: 'hr', status: 'active', facts, ...more });
  const end = (...records: SourceRecord[]) => merge(...records).relationships.find(({ recordId }) => recordId === 'a')?.end?.at;
  const last = { endDate: '2026-03-20' };

  test.each([
    ['is that of the installation where nobody says one', [hr('a', last)], '2026-03-20T23:00:00.000Z'],
    ['is the one that the record says', [hr('a', { ...last, timeZone: 'Asia/Tokyo' })], '2026-03-20T15:00:00.000Z'],
    [
      'is the one that another source says',
      [hr('a', last), record({ id: 'b', source: 'sites', facts: { timeZone: 'America/Los_Angeles' } })],
      '2026-03-21T07:00:00.000Z',
    ],
    [
      'is the one that precedence puts first',
      [hr('a', { ...last, timeZone: 'Asia/Tokyo' }), record({ id: 'b', source: 'saml', facts: { timeZone: 'America/Los_Angeles' } })],
      '2026-03-20T15:00:00.000Z',
    ],
    ['is not that of what begins later', [hr('a', last), hr('b', { startDate: '2026-03-21', timeZone: 'Pacific/Apia' })], '2026-03-20T23:00:00.000Z'],
    [
      'also where the end was reported with a day',
      [hr('a', {}, { status: 'ended', endedOn: '2026-03-20' }), record({ id: 'b', source: 'sites', facts: { timeZone: 'Asia/Tokyo' } })],
      '2026-03-20T15:00:00.000Z',
    ],
    ['and an instant is an instant', [hr('a', { endDate: '2026-03-20T12:00:00.000Z', timeZone: 'Asia/Tokyo' })], '2026-03-20T12:00:00.000Z'],
  ])('%s', (_, records, expected) => expect(end(...records)).toBe(expected));
});

describe('of two parallel contracts', () => {
  const contract = (id: string, facts: SourceRecord['facts'], more: Partial<SourceRecord> = {}) =>
    record({ id, source: 'hr', status: 'active', facts: { department: id, ...facts }, ...more });
  const speaks = (...records: SourceRecord[]) => merge(...records).attributes['department']?.value;

  test.each([
    ['the one that calls itself primary speaks', { endDate: '2026-12-31', primary: true }, {}],
    ['the one that ends later', {}, { endDate: '2026-12-31' }],
    ['a reported end is one', { endDate: '2027-12-31' }, {}, { status: 'ended' as const, endedAt: '2026-12-31T00:00:00.000Z' }],
    ['then the one that began earlier', { startDate: '2025-01-01' }, { startDate: '2025-06-01' }],
    ['one without a start was always there', {}, { startDate: '2025-06-01' }],
  ] as [string, SourceRecord['facts'], SourceRecord['facts'], Partial<SourceRecord>?][])('%s, whichever was sent last', (_, first, second, more = {}) => {
    for (const [one, other] of [
      [early, late],
      [late, early],
    ] as const) {
      expect(speaks(contract('Finance', first, { recordedAt: one }), contract('Sales', second, { ...more, recordedAt: other }))).toBe('Finance');
      expect(speaks(contract('Sales', first, { recordedAt: one }), contract('Finance', second, { ...more, recordedAt: other }))).toBe('Sales');
    }
  });
  test('one that is over does not speak, primary or not', () => {
    const over = contract('Finance', { primary: true, endDate: '2026-01-31' });
    expect(speaks(over, contract('Sales', {}))).toBe('Sales');
  });
  test('also where their source has no say in who is here', () => {
    const badge = (id: string, facts: SourceRecord['facts'], recordedAt: Instant) =>
      record({ id, source: 'badges', facts: { floor: id, ...facts }, recordedAt });
    expect(merge(badge('a', {}, early), badge('b', { primary: true }, early)).attributes['floor']?.value).toBe('b');
    expect(merge(badge('a', {}, early), badge('b', {}, late)).attributes['floor']?.value).toBe('a');
  });
});

describe('a record that was withdrawn', () => {
  const withdrawn = record({ id: 'w', source: 'hr', status: 'ended', endedAt: early, withdrawnAt: early, facts: { title: 'W', department: 'Nowhere' } });
  test('has ended, and says nothing where anything else is known', () => {
    const { attributes, relationships } = merge(withdrawn, record({ id: 'a', source: 'hr', status: 'active', facts: { title: 'T' } }));
    expect(Object.keys(attributes)).toEqual(['title']);
    expect(relationships.map(({ recordId, end }) => [recordId, end?.at ?? null])).toEqual(
      expect.arrayContaining([
        ['a', null],
        ['w', early],
      ]),
    );
  });
  test('says who it was about where nothing else is', () => {
    const { attributes, relationships } = merge(withdrawn);
    expect([attributes['title']?.value, relationships[0]?.end?.at]).toEqual(['W', early]);
  });
});

describe('an end before the start', () => {
  const hr = (more: Partial<SourceRecord>) => record({ id: 'a', source: 'hr', status: 'active', ...more });
  const begun = { relationships: [{ recordId: 'a', start: null, end: null }], decidedAt: early };
  const after = (last: { relationships: Identity['relationships']; decidedAt: Instant } | undefined, now: Instant, more: Partial<SourceRecord>) => {
    const about = { id: 'i-1', userName: 'ada', userType: 'partner' as const, createdAt: early, precedence: { default: ['hr'], attributes: {} } };
    return mergeFacts({ ...about, records: [hr(more)], authoritative: ['hr'], now, timeZone: 'UTC', ...(last && { memory: last }) }).relationships[0];
  };
  const mistaken = { facts: { startDate: '2026-01-20', endDate: '2026-01-10' } };

  test('calls off what has not begun', () => {
    expect(after(undefined, late, mistaken)).toMatchObject({ start: { at: '2026-01-20T00:00:00.000Z' }, end: { at: '2026-01-11T00:00:00.000Z' } });
    const ahead = { relationships: [{ recordId: 'a', start: { at: late, recordId: 'a', by: 'date' as const }, end: null }], decidedAt: early };
    expect(after(ahead, early, mistaken)).not.toHaveProperty('contradictedSince');
  });
  test('of somebody who has begun ends nothing by a date that lies behind, and asks', () => {
    expect(after(begun, late, mistaken)).toEqual({ recordId: 'a', start: null, end: null, contradictedSince: late });
  });
  test('by a date that lies ahead ends then', () => {
    const moved = { facts: { startDate: '2026-06-01', endDate: '2026-05-30' } };
    const asked = after(begun, late, moved);
    expect(asked).toMatchObject({ start: null, end: { at: '2026-05-31T00:00:00.000Z' }, contradictedSince: late });
    // It stays ended, since the memory states that it had begun.
    const last = { relationships: asked === undefined ? [] : [asked], decidedAt: late };
    expect(after(last, '2026-08-01T00:00:00.000Z', moved)).toEqual(asked);
  });
  test('that is reported counts from when it was first known, so that the grace still runs', () => {
    const reported = { status: 'ended' as const, endedAt: '2025-12-24T00:00:00.000Z', facts: { startDate: '2026-01-20' } };
    const asked = after(begun, late, reported);
    expect(asked).toEqual({ recordId: 'a', start: null, end: { at: late, recordId: 'a', by: 'report' }, contradictedSince: late });
    const last = { relationships: asked === undefined ? [] : [asked], decidedAt: late };
    expect(after(last, '2026-08-01T00:00:00.000Z', { ...reported, recordedAt: '2026-07-01T00:00:00.000Z' })).toEqual(asked);
  });
  test('a corrected date is a relationship like any other', () => {
    const last = { relationships: [{ recordId: 'a', start: null, end: null, contradictedSince: early }], decidedAt: early };
    expect(after(last, late, { facts: { startDate: '2026-01-20', endDate: '2027-01-10' } })).not.toHaveProperty('contradictedSince');
  });
});

describe('a contractor who is hired under a second number', () => {
  const contract = record({
    id: 'c',
    source: 'vendor',
    status: 'active',
    userType: 'contractor',
    facts: { department: 'Sales', title: 'Helper', startDate: '2025-06-01', endDate: '2026-03-31' },
    recordedAt: late,
  });
  const employment = record({
    id: 'e',
    source: 'hr',
    status: 'active',
    userType: 'employee',
    facts: { department: 'Finance', startDate: '2026-04-01' },
    recordedAt: early,
  });
  const at = (now: Instant) => {
    const { userType, attributes } = merged([contract, employment], now, { default: ['hr', 'vendor'], attributes: {} });
    return [userType, attributes['department']?.value, attributes['title']?.value, attributes['endDate']?.value];
  };
  test('is a contractor with its facts and its end until then', () => {
    expect(at('2026-03-31T21:59:59.999Z')).toEqual(['contractor', 'Sales', 'Helper', '2026-03-31']);
  });
  test("is an employee from then on, and the contract's end no longer counts", () => {
    expect(at('2026-03-31T22:00:00.000Z')).toEqual(['employee', 'Finance', 'Helper', undefined]);
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

describe('an end that an operator reports', () => {
  const hr = record({ id: 'h', source: 'hr', status: 'active', facts: { title: 'H', endDate: '2026-05-31' } });
  const terminated = record({ id: 'o', source: 'operator', status: 'ended', endedAt: early });
  const end = { at: early, recordId: 'o', by: 'report' };

  test('cuts every relationship short, and one that would begin later is called off', () => {
    const future = record({ id: 'z', source: 'hr', status: 'active', facts: { title: 'Z', startDate: '2026-01-15' } });
    const { relationships, attributes } = merge(hr, future, terminated);
    expect(relationships.map((one) => one.end)).toEqual([end, end]);
    // The record that counted for the person at the end still counts.
    expect(attributes['title']?.value).toBe('H');
  });

  test('whoever spoke for them then goes on to say what kind of person they are, also past the end of their own record', () => {
    const contract = record({ id: 'v', source: 'vendor', status: 'active', userType: 'contractor', facts: { endDate: '2026-01-20' } });
    expect([early, late].map((now) => merged([contract, terminated], now, { default: ['vendor'], attributes: {} }).userType)).toEqual([
      'contractor',
      'contractor',
    ]);
  });

  test('ends also whom no source says anything of', () => expect(merge(terminated).relationships).toEqual([{ start: null, end }]));
  test('leaves an earlier end as it is', () => {
    const over = record({ id: 'h', source: 'hr', status: 'ended', endedAt: '2025-12-01T00:00:00.000Z' });
    expect(merge(over, terminated).relationships.map((one) => one.end?.recordId)).toEqual(['h']);
  });
  test.each([
    ['where the person is', { timeZone: 'Asia/Tokyo' }, '2026-01-15T15:00:00.000Z'],
    ['or the day of the installation', {}, '2026-01-15T23:00:00.000Z'],
    ['whatever their own source says later', { endDate: '2026-05-31', timeZone: 'America/Los_Angeles' }, '2026-01-16T08:00:00.000Z'],
  ])('with a day, at the end of that day, %s', (_, facts, at) => {
    const last = { ...terminated, endedAt: null, endedOn: '2026-01-15' };
    const works = record({ id: 'h', source: 'hr', status: 'active', facts });
    for (const now of [early, late])
      expect(merged([works, last], now, { default: ['hr'], attributes: {} }).relationships).toEqual([{ recordId: 'h', start: null, end: { ...end, at } }]);
  });
  test('whoever speaks for them from that day on does not move its end', () => {
    const works = record({ id: 'h', source: 'hr', status: 'active', facts: { timeZone: 'Asia/Tokyo', endDate: '2026-01-20' } });
    const next = record({ id: 'n', source: 'payroll', status: 'active', facts: { startDate: '2026-01-16', timeZone: 'Pacific/Honolulu' } });
    const { relationships, timeZone } = merge(works, next, { ...terminated, endedAt: null, endedOn: '2026-01-15' });
    expect([timeZone, ...relationships.map((one) => one.end?.at)]).toEqual(['Asia/Tokyo', '2026-01-15T15:00:00.000Z', '2026-01-15T15:00:00.000Z']);
  });
  test('keeps the kind of person that they were, also after the last day of a contract that it cut short', () => {
    const vendor = record({ id: 'v', source: 'vendor', status: 'active', facts: { endDate: '2026-01-31' }, userType: 'contractor' });
    const types = ['2026-01-15T00:00:00.000Z', '2026-01-31T22:59:59.999Z', '2026-01-31T23:00:00.000Z', '2027-01-01T00:00:00.000Z'].map(
      (now) => merged([vendor, terminated], now, { default: ['hr'], attributes: {} }).userType,
    );
    expect(types).toEqual(['contractor', 'contractor', 'contractor', 'contractor']);
    // Without the termination, the source's record stops counting at the end of the contract.
    expect(merged([vendor], '2027-01-01T00:00:00.000Z', { default: ['hr'], attributes: {} }).userType).toBe('partner');
  });
  test('that was lifted says nothing', () => expect(merge(hr, { ...terminated, status: null, endedAt: null })).toEqual(merge(hr)));
});

test('property: the order of records does not matter', () => {
  const anyRecord = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    source: fc.constantFrom('hr', 'saml', 'zoo', 'operator'),
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
