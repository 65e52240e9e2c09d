import { expect, test } from '@jest/globals';
import { type AttributeSchema, compileLoginMapping, compileUserType, type LoginMapping, readLoginClaims } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';
import fc from 'fast-check';
import { recordOf } from './record-of.ts';

const schema: AttributeSchema = { department: { type: 'string' }, level: { type: 'number' }, skills: { type: 'strings' }, endDate: { type: 'date' } };
const now = '2026-03-01T00:00:00.000Z';
const known: StoredRecord = {
  id: 'r-1',
  identityId: 'i-1',
  source: 'corp',
  externalId: 'https://corp.example|s',
  version: '1',
  facts: { department: 'Finance', level: 3, skills: ['a'], endDate: '2026-12-31' },
  groups: ['operators', 'staff'],
  emailTrusted: false,
  emailVerified: false,
  status: null,
  endedAt: null,
  userType: 'employee',
  recordedAt: '2026-02-01T00:00:00.000Z',
} as StoredRecord;
const userType = compileUserType({ cel: 'claims.kind' }, schema);

/** A login of the person whose record is known, as it is stored; `null`: it is refused. */
function storedOf(mapping: LoginMapping, claims: Readonly<Record<string, unknown>>, isWhole: boolean, before: StoredRecord | undefined): StoredRecord | null {
  try {
    const { facts, groups, userType: stated, leftOut } = readLoginClaims(mapping, claims, isWhole);
    const incoming = {
      source: 'corp',
      externalId: known.externalId,
      version: '2',
      facts,
      groups,
      status: null,
      endedAt: null,
      asserted: { userType: stated, leftOut },
    };
    return recordOf({ incoming, userType, emailVerified: false, emailTrusted: false }, before, 'i-1', now);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('claims do not fit the type of: ')) return null;
    throw error;
  }
}

const text = fc.constantFrom('operators', 'staff', 'Finance', 'Sales', 'employee', 'partner', '', ' ', '2027-01-31', 'x');
const shape = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }));
const anyClaims = fc
  .record(
    {
      groups: shape,
      department: shape,
      level: shape,
      skills: shape,
      contractEnd: shape,
      kind: shape,
      hasgroups: shape,
      _claim_names: fc.oneof(shape, fc.dictionary(fc.constantFrom('groups', 'department', 'kind', 'other'), text)),
      'http://schemas.microsoft.com/claims/groups.link': shape,
      ['__proto__']: shape,
    },
    { requiredKeys: [] },
  )
  // As claims arrive: `null` is an empty list by then.
  .map((claims): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, value === null ? [] : value])));
const anyMapping = fc.record({
  absentGroups: fc.constantFrom('keep' as const, 'none' as const),
  absentAttributes: fc.constantFrom('keep' as const, 'none' as const),
  groups: fc.constantFrom('claims.groups', 'claims.?groups.orValue([])', 'claims.groups.filter(g, g != "x")', null),
});
const textsOf = (value: unknown): readonly unknown[] => [value].flat();

test('property: no shape of claims takes access by accident or gives any that was not said', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyClaims, anyMapping, fc.boolean(), fc.boolean(), (claims, settings, isWhole, isKnown) => {
      const attributes = { department: 'claims.department', level: 'claims.level', skills: 'claims.skills', endDate: 'claims.contractEnd' };
      const mapping = compileLoginMapping({ ...settings, attributes, userType: { cel: 'claims.kind' }, emailVerified: null }, schema, []);
      const before = isKnown ? known : undefined;
      const stored = storedOf(mapping, claims, isWhole, before);
      if (stored === null) {
        seen.add('refused');
        return;
      }
      const said = (name: string): boolean => Object.hasOwn(claims, name);
      const isListOfTexts = (value: unknown): boolean => textsOf(value).every((one) => typeof one === 'string');

      // Nobody gets a group that is neither in this login nor in the one before. A filter over an object goes over its names: the mapping's author
      // asked for that.
      const isLoop = settings.groups?.includes('filter') === true && typeof claims['groups'] === 'object';
      const names = isLoop ? Object.keys(claims['groups'] ?? {}) : [];
      const stated = [...textsOf(claims['groups']), ...names].map((one) => (typeof one === 'string' ? one.trim() : null));
      for (const group of stored.groups ?? []) expect([...stated, ...(before?.groups ?? [])]).toContain(group);
      // A group is lost only to a list that lacks it, to a setting, or to an entry that maps no groups.
      const lost = (before?.groups ?? []).filter((group) => stored.groups?.includes(group) !== true);
      if (lost.length > 0 && mapping.groups !== null) {
        seen.add('lost');
        if (said('groups')) expect(isLoop || isListOfTexts(claims['groups'])).toBe(true);
        else
          expect([
            isWhole && (settings.groups?.includes('orValue') === true || settings.absentGroups === 'none'),
            said('http://schemas.microsoft.com/claims/groups.link'),
          ]).toEqual([true, false]);
      }
      // An end stays until another one, or none, is stated.
      if (isKnown && !said('contractEnd')) expect(stored.facts['endDate']).toBe('2026-12-31');
      // Nothing else becomes empty unless it is stated, or by the setting.
      for (const name of ['department', 'level', 'skills'])
        if (isKnown && !said(name) && (settings.absentAttributes === 'keep' || !isWhole)) expect(stored.facts[name]).toEqual(known.facts[name]);
      // The kind with more rights has to be stated.
      if (stored.userType !== 'contractor' && stored.userType !== before?.userType) expect(textsOf(claims['kind'])).toContain(stored.userType);
      if (isKnown && !said('kind') && (settings.absentAttributes === 'keep' || !isWhole)) expect(stored.userType).toBe('employee');
      seen.add('stored');
    }),
    { numRuns: 5_000 },
  );
  expect([...seen].sort()).toEqual(['lost', 'refused', 'stored']);
});

test('nothing is kept of a record that an operator has withdrawn', () => {
  const cel = { attributes: { department: 'claims.department' }, groups: 'claims.groups', userType: { cel: 'claims.kind' }, emailVerified: null };
  const mapping = compileLoginMapping({ ...cel, absentGroups: 'keep', absentAttributes: 'keep' }, schema, []);
  expect(storedOf(mapping, {}, true, { ...known, withdrawnAt: now })).toMatchObject({ facts: {}, groups: null, userType: 'contractor' });
});

test('what an entry no longer reads is not kept', () => {
  const cel = { attributes: {}, groups: null, userType: 'partner', emailVerified: null } as const;
  const mapping = compileLoginMapping({ ...cel, absentGroups: 'keep', absentAttributes: 'keep' }, schema, []);
  expect(storedOf(mapping, {}, true, known)).toMatchObject({ facts: {}, groups: null, userType: 'partner' });
});
