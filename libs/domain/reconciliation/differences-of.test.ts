import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DesiredAccount } from '../accounts/account.ts';
import { concludeFindings } from './concluded-findings.ts';
import { type DifferenceScope, differencesOf, type JoinedAccount, type KnownAccount, type StagedAccount } from './differences-of.ts';
import type { FindingKind } from './finding.ts';
import { READING_VERDICTS } from './reading-verdict.ts';
import { stageAccount } from './stage-account.ts';

const digest = (text: string): string => `digest of ${text}`;
const scope: DifferenceScope = {
  managed: new Set(['Finance', 'Sales']),
  rules: { email: { compare: 'caseless' }, badge: { writeOnly: true } },
  protectedNames: new Set(['svc-backup']),
  shown: new Set(['Finance']),
  digest,
};
const desired: DesiredAccount = {
  target: 'crm',
  userName: 'ann',
  state: 'enabled',
  attributes: { email: 'ann@corp.example', badge: '7', title: [] },
  entitlements: ['Finance'],
};
const known: KnownAccount = { id: 'account', identityId: 'ann', nativeId: '1', state: 'active', desired, existed: true, isSettling: false };
const observed = {
  nativeId: '1',
  userName: 'ann',
  externalId: 'ann',
  enabled: true,
  attributes: { email: 'Ann@corp.example' },
  entitlements: ['Finance'],
  memberships: [],
};
const staged: StagedAccount = stageAccount(observed, ['email', 'badge', 'title'], scope.rules, digest);

const of = (more: Partial<JoinedAccount>): readonly (readonly [FindingKind, string, boolean])[] =>
  differencesOf({ staged, known, marked: null, ...more }, scope).map(({ kind, name, isProven }) => [kind, name, isProven]);
const wish = (more: Partial<DesiredAccount>, others: Partial<KnownAccount> = {}): KnownAccount => ({ ...known, ...others, desired: { ...desired, ...more } });
const over = { attributes: {}, entitlements: [], onlyExisting: true } as const;

describe('an account that is as it should be', () => {
  test('has no finding, and values are compared by their rules and kept as digests', () => {
    expect(of({})).toEqual([]);
    expect(JSON.stringify(staged.attributes)).toBe(JSON.stringify({ email: 'digest of ["ann@corp.example"]' }));
  });

  test('nor has one that Tenure is at work on', () => {
    expect(of({ known: { ...known, isSettling: true }, staged: { ...staged, enabled: false } })).toEqual([]);
    expect(of({ known: { ...known, isSettling: true }, staged: null })).toEqual([]);
  });

  test('nor groups that policy does not know', () => {
    expect(of({ staged: { ...staged, entitlements: ['Choir', 'Finance'] } })).toEqual([]);
  });
});

describe('each kind of finding', () => {
  test('orphan account', () => expect(of({ known: null })).toEqual([['orphan-account', '', true]]));

  test('an orphan that bears the mark of somebody who left is a leaver account', () => {
    const [found] = differencesOf({ staged, known: null, marked: { identityId: 'ben', state: 'left' } }, scope);
    expect(found).toMatchObject({ kind: 'leaver-account', subject: '1', userName: 'ann', isUrgent: true, evidence: { markedFor: 'ben' } });
    expect(of({ known: null, marked: { identityId: 'ben', state: 'active' } })).toEqual([['orphan-account', '', true]]);
  });

  test('a second account of a person, and one that a person may own, by mark or keys', () => {
    const owner = { identityId: 'ben', state: 'active', by: 'keys', keys: ['email'], hasAccount: false } as const;
    const [ownable] = differencesOf({ staged, known: null, marked: null, owner }, scope);
    expect(ownable).toMatchObject({
      kind: 'ownable-account',
      subject: '1',
      identityId: 'ben',
      isUrgent: false,
      evidence: { ownedBy: 'keys', keys: ['email'] },
    });
    expect(of({ known: null, owner: { ...owner, hasAccount: true } })).toEqual([['duplicate-account', '', true]]);
    const marked = { identityId: 'ben', state: 'left' } as const;
    expect(of({ known: null, marked, owner: { ...owner, by: 'mark', keys: [], hasAccount: true } })).toEqual([['leaver-account', '', true]]);
  });

  test('an account that a leaver may own is urgent where it can be used', () => {
    const owner = { identityId: 'ben', state: 'left', by: 'keys', keys: ['email'], hasAccount: true } as const;
    const urgency = (enabled: boolean | null) =>
      differencesOf({ staged: { ...staged, enabled }, known: null, marked: null, owner }, scope).map(({ kind, identityId, isUrgent }) => [
        kind,
        identityId,
        isUrgent,
      ]);
    expect(urgency(true)).toEqual([['duplicate-account', 'ben', true]]);
    expect(urgency(null)).toEqual([['duplicate-account', 'ben', true]]);
    expect(urgency(false)).toEqual([['duplicate-account', 'ben', false]]);
  });

  test('account of somebody who left: usable, or there at all though it should be deleted', () => {
    const disabled = wish({ ...over, state: 'disabled' }, { state: 'leaving' });
    const deleted = wish({ ...over, state: 'absent' }, { state: 'left' });
    const urgency = (more: Partial<JoinedAccount>) =>
      differencesOf({ staged, known, marked: null, ...more }, scope).map(({ kind, isUrgent }) => [kind, isUrgent]);
    const bare = { ...staged, entitlements: [] };
    expect(urgency({ known: disabled, staged: bare })).toEqual([['leaver-account', true]]);
    expect(urgency({ known: disabled, staged: { ...bare, enabled: false } })).toEqual([]);
    expect(urgency({ known: deleted, staged: bare })).toEqual([['leaver-account', true]]);
    expect(urgency({ known: deleted, staged: { ...bare, enabled: false } })).toEqual([['leaver-account', false]]);
    expect(urgency({ known: deleted, staged: { ...bare, enabled: null } })).toEqual([['leaver-account', true]]);
  });

  test('missing account, once it was looked for', () => {
    expect(of({ staged: null })).toEqual([['missing-account', '', false]]);
    expect(of({ staged: null, look: { memberships: [] } })).toEqual([['missing-account', '', true]]);
    expect(of({ staged: null, known: wish({ ...over, state: 'absent' }) })).toEqual([]);
    expect(of({ staged: null, known: { ...known, existed: false } })).toEqual([]);
  });

  test('disabled person with an enabled account', () => {
    expect(of({ known: wish({ ...over, state: 'disabled' }, { state: 'suspended' }), staged: { ...staged, entitlements: [] } })).toEqual([
      ['account-enabled', '', true],
    ]);
  });

  test('enabled person with a disabled account, and none where the target does not say', () => {
    expect(of({ staged: { ...staged, enabled: false } })).toEqual([['account-disabled', '', true]]);
    expect(of({ staged: { ...staged, enabled: null } })).toEqual([]);
  });

  test('attribute drift: another value is proven, none is looked at once more', () => {
    expect(of({ staged: { ...staged, attributes: { email: digest('["ben@corp.example"]') } } })).toEqual([['attribute-drift', 'email', true]]);
    expect(of({ staged: { ...staged, attributes: {} } })).toEqual([['attribute-drift', 'email', false]]);
    expect(of({ staged: { ...staged, attributes: {} }, look: { memberships: [] } })).toEqual([['attribute-drift', 'email', true]]);
    expect(of({ staged: { ...staged, attributes: { ...staged.attributes, title: digest('["Clerk"]') } } })).toEqual([['attribute-drift', 'title', true]]);
  });

  test('entitlement outside policy, and missing', () => {
    expect(of({ staged: { ...staged, entitlements: ['Sales'] } })).toEqual([
      ['entitlement-outside-policy', 'Sales', true],
      ['entitlement-missing', 'Finance', false],
    ]);
  });

  test.each([
    ['others-shown', 'Finance', true],
    ['nothing-shown', 'Finance', true],
    ['nothing-shown', 'Sales', false],
    ['not-filtered', 'Finance', false],
  ] as const)('a membership that is missing with %s in %s is proven: %s', (evidence, entitlement, isProven) => {
    const look = { memberships: [{ entitlement, groupId: null, evidence }] };
    expect(of({ known: wish({ entitlements: [entitlement] }), staged: { ...staged, entitlements: [] }, look })).toEqual([
      ['entitlement-missing', entitlement, isProven],
    ]);
  });

  test('a protected account is listed as such, whoever it belongs to and whatever it is like', () => {
    const service = { ...staged, userName: 'SVC-Backup', entitlements: ['Sales'] };
    expect(of({ staged: service })).toEqual([['protected-account', '', true]]);
    expect(of({ staged: service, known: null, marked: { identityId: 'ben', state: 'left' } })).toEqual([['protected-account', '', true]]);
    const owner = { identityId: 'ben', state: 'left', by: 'keys', keys: ['email'], hasAccount: false } as const;
    expect(differencesOf({ staged: service, known: null, marked: null, owner }, scope)).toMatchObject([{ kind: 'protected-account', identityId: null }]);
  });
});

const anyJoined: fc.Arbitrary<JoinedAccount> = fc.record({
  staged: fc.option(
    fc.record({
      nativeId: fc.constant('1'),
      userName: fc.constantFrom('ann', 'svc-backup'),
      externalId: fc.constant(null),
      enabled: fc.option(fc.boolean()),
      attributes: fc.constantFrom({}, { email: digest('["x"]') }, staged.attributes),
      entitlements: fc.subarray(['Finance', 'Sales', 'Choir']),
    }),
  ),
  known: fc
    .option(
      fc.record({
        state: fc.constantFrom('active' as const, 'left' as const),
        wanted: fc.constantFrom('enabled' as const, 'disabled' as const, 'absent' as const),
        isSettling: fc.boolean(),
      }),
    )
    .map((one) => (one === null ? null : wish({ state: one.wanted }, { state: one.state, isSettling: one.isSettling }))),
  marked: fc.constant(null),
});

test('whatever comes: a reading that was not looked into proves nothing by what it lacks, and one that is not believed nothing at all', () => {
  fc.assert(
    fc.property(anyJoined, fc.constantFrom(...READING_VERDICTS), (joined, verdict) => {
      const { found, unproven } = concludeFindings(verdict, differencesOf(joined, scope));
      const absences = found.filter(({ kind }) => kind === 'missing-account' || kind === 'entitlement-missing');
      expect(absences).toEqual([]);
      if (joined.staged === null || verdict === 'not-believed') expect(found).toEqual([]);
      expect(found.length + unproven.length).toBe(differencesOf(joined, scope).length);
    }),
    { numRuns: 1000 },
  );
});
