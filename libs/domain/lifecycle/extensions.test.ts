import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { decideAccess } from '../access/decide-access.ts';
import { EXTENSION_SOURCE, OPERATOR_SOURCE, type SourceRecord } from '../identity/facts.ts';
import { DOCUMENT, record } from '../testing/people.ts';

const rule = {
  name: 'contractors',
  start: {},
  end: { grace: 'P7D', then: 'delete' as const },
  extension: { ask: 'P14D', maximum: 'P90D', inAll: 'P180D' },
};
const policy = compilePolicy(
  {
    ...DOCUMENT,
    attributes: { ...DOCUMENT.attributes, sponsor: { type: 'string' } },
    relations: { sponsor: { attribute: 'sponsor', by: 'userName' } },
    birthright: [{ name: 'staff', when: 'true', roles: [], entitlements: ['directory.staff'], until: 'identity.endDate' }],
    lifecycle: [rule],
  },
  1,
);
const about = { id: 'i-1', userName: 'ada', userType: 'contractor' as const, createdAt: '2026-01-01T00:00:00.000Z', timeZone: 'Europe/Berlin' };
const decide = (records: readonly SourceRecord[], now = '2026-03-01T12:00:00.000Z', authoritative: readonly string[] = ['hr', 'vendors']) =>
  decideAccess({
    ...about,
    records,
    precedence: { default: ['hr'], attributes: {} },
    authoritative,
    now,
    policy,
    memory: { activations: {}, endings: {} },
    exceptions: [],
  });
const hr = (endDate: string | null, more: Partial<SourceRecord> = {}) => record({ id: 'r-hr', source: 'hr', status: 'active', facts: { endDate }, ...more });
const extension = (endDate: string, until: string, recordId = 'r-hr') =>
  record({ id: `x-${recordId}`, source: EXTENSION_SOURCE, facts: { endDate: until }, extends: { recordId, endDate } });
/** End of a day in Berlin. */
const june = '2026-06-30T22:00:00.000Z';
const august = '2026-08-31T22:00:00.000Z';

describe('whose end counts', () => {
  test.each([
    ['the source says what was extended: the extension', hr('2026-06-30'), '2026-06-30', august],
    ['the source says an earlier end: the source', hr('2026-05-31'), '2026-06-30', '2026-05-31T22:00:00.000Z'],
    ['the source says a later end: the source', hr('2026-12-31'), '2026-06-30', '2026-12-31T23:00:00.000Z'],
    ['the source says one between the two: the source', hr('2026-07-31'), '2026-06-30', '2026-07-31T22:00:00.000Z'],
    ['the source says that there is no end: the source', hr(null), '2026-06-30', undefined],
    [
      'the source reports that it ended: the source',
      hr('2026-06-30', { status: 'ended', endedAt: '2026-04-01T00:00:00.000Z' }),
      '2026-06-30',
      '2026-04-01T00:00:00.000Z',
    ],
    ['it is of another record: the source', hr('2026-06-30', { id: 'r-other' }), '2026-06-30', june],
  ])('%s', (_, said, of, expected) => {
    const { identity, grants } = decide([said, extension(of, '2026-08-31')]);
    expect(identity.relationships[0]?.end?.at).toBe(expected);
    // The policy reads the same end.
    if (said.status === 'active') expect(grants[0]?.validUntil ?? undefined).toBe(expected);
  });

  test('the order of what is said does not matter, and the end names the extension', () => {
    const records = [hr('2026-06-30'), extension('2026-06-30', '2026-08-31')];
    expect(decide(records)).toEqual(decide(records.toReversed()));
    const { identity } = decide(records);
    expect(identity.attributes['endDate']).toEqual({ value: '2026-08-31', source: EXTENSION_SOURCE, recordId: 'x-r-hr' });
    expect(identity.relationships).toEqual([
      { recordId: 'r-hr', start: null, end: { at: august, recordId: 'x-r-hr', by: 'date', extended: { recordId: 'r-hr', from: june } } },
    ]);
  });

  test('without an authoritative source the end that a login says is extended as well', () => {
    const login = record({ id: 'r-saml', source: 'saml', facts: { endDate: '2026-06-30' } });
    expect(decide([login, extension('2026-06-30', '2026-08-31', 'r-saml')], undefined, []).identity.relationships[0]?.end?.at).toBe(august);
  });

  test('who an operator has ended is over, whatever was extended', () => {
    const end = record({ id: 'r-op', source: OPERATOR_SOURCE, status: 'ended', endedAt: '2026-02-01T00:00:00.000Z' });
    expect(decide([hr('2026-06-30'), extension('2026-06-30', '2026-08-31'), end]).lifecycle.state).toBe('left');
  });

  test('an extension gives no attribute to anybody', () => {
    expect(Object.keys(decide([extension('2026-06-30', '2026-08-31')]).identity.attributes)).toEqual([]);
  });
});

describe('the sponsor is asked', () => {
  const asked = (records: readonly SourceRecord[], now: string) => decide(records, now).ending;
  test.each([
    ['not before its time', '2026-06-16T21:59:59.999Z', null],
    ['from two weeks before', '2026-06-16T22:00:00.000Z', june],
    ['until the end', '2026-06-30T21:59:59.999Z', june],
    ['and not after it', june, null],
  ])('%s', (_, now, expected) => expect(asked([hr('2026-06-30')], now)?.endsAt ?? null).toBe(expected));

  test('wakes up for it', () => expect(decide([hr('2026-06-30')]).nextWakeUp).toBe('2026-06-16T22:00:00.000Z'));

  test('until the end was made later, and then before that one', () => {
    const records = [hr('2026-06-30'), extension('2026-06-30', '2026-08-31')];
    expect(asked(records, '2026-06-20T00:00:00.000Z')).toBeNull();
    expect(asked(records, '2026-08-20T00:00:00.000Z')).toMatchObject({ endsAt: august, recordId: 'r-hr', latest: '2026-11-29T23:00:00.000Z' });
    // All extensions together have a limit too, counted from the end that the source states.
    const again = [hr('2026-06-30'), extension('2026-06-30', '2026-11-30')];
    expect(asked(again, '2026-11-20T00:00:00.000Z')?.latest).toBe('2026-12-27T23:00:00.000Z');
  });

  test('not about an end that a source or an operator reports', () => {
    expect(asked([hr(null, { status: 'ended', endedAt: '2026-06-30T22:00:00.000Z' })], '2026-06-20T00:00:00.000Z')).toBeNull();
  });
});
