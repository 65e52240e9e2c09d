import { describe, expect, test } from '@jest/globals';
import { type CorrectableFinding, correctionItems, isCorrectable } from './correction-items.ts';

const finding = (more: Partial<CorrectableFinding>): CorrectableFinding => ({
  id: 'f1',
  target: 'crm',
  kind: 'entitlement-outside-policy',
  name: 'finance',
  subject: 'account',
  identityId: 'ann',
  accountId: 'account',
  nativeId: '7',
  userName: null,
  evidence: { enabled: true, desired: 'enabled', seenBy: 'listing' },
  ...more,
});
const orphan = finding({ kind: 'orphan-account', subject: '9', identityId: null, accountId: null, nativeId: '9', userName: 'stray', name: '' });

describe('corrections of findings', () => {
  test('all findings of one account are one item, with each change once', () => {
    const items = correctionItems([
      finding({ id: 'f1' }),
      finding({ id: 'f2', name: 'admins' }),
      finding({ id: 'f3', kind: 'attribute-drift', name: 'title' }),
      orphan,
    ]);
    expect(items).toMatchObject([
      { key: '9', identityId: null, userName: 'stray', changes: [{ target: 'crm', kind: 'disable' }] },
      { key: 'account', identityId: 'ann', findingIds: ['f1', 'f2', 'f3'], changes: [{ kind: 'lose' }, { kind: 'update' }] },
    ]);
  });

  test('a leaver’s account counts as what is desired of it', () => {
    const leaver = (desired: 'disabled' | 'absent') => finding({ kind: 'leaver-account', evidence: { enabled: true, desired, seenBy: 'listing' } });
    expect(correctionItems([leaver('disabled')])[0]?.changes).toEqual([{ target: 'crm', kind: 'disable' }]);
    expect(correctionItems([leaver('absent')])[0]?.changes).toEqual([{ target: 'crm', kind: 'delete' }]);
  });

  test('an account that bears somebody’s mark, or is protected, is not corrected', () => {
    expect(isCorrectable(orphan)).toBe(true);
    expect(isCorrectable({ ...orphan, evidence: { ...orphan.evidence, markedFor: 'ann' } })).toBe(false);
    expect(isCorrectable({ ...orphan, kind: 'leaver-account', evidence: { ...orphan.evidence, markedFor: 'ann' } })).toBe(false);
    expect(isCorrectable(finding({ kind: 'protected-account' }))).toBe(false);
  });
});
