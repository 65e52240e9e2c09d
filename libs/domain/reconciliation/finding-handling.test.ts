import { describe, expect, test } from '@jest/globals';
import { FINDING_KINDS } from './finding.ts';
import { handlingOf, handlingsOf, whyNotHandled } from './finding-handling.ts';

describe('handling of findings', () => {
  test('every kind is a case unless it is configured, and protected accounts are only listed', () => {
    for (const kind of FINDING_KINDS) expect(handlingOf({}, kind)).toBe(kind === 'protected-account' ? 'ignore' : 'case');
    expect(handlingOf({ 'orphan-account': 'correct' }, 'orphan-account')).toBe('correct');
    expect(handlingOf({ 'protected-account': 'correct' }, 'protected-account')).toBe('ignore');
  });

  test('a handling that makes no sense for a kind is refused, with what to do instead', () => {
    expect(whyNotHandled('orphan-account', 'adopt')).toBeNull();
    expect(whyNotHandled('ownable-account', 'adopt')).toBeNull();
    expect(whyNotHandled('attribute-drift', 'adopt')).toBe(
      'attribute-drift cannot be adopted, only orphan-account and ownable-account; there is correct, case, ignore',
    );
    expect(whyNotHandled('leaver-account', 'ignore')).toContain('ignoreFindings');
    expect(whyNotHandled('protected-account', 'correct')).toContain('take the account out of protectedAccounts');
    expect(whyNotHandled('orphan', 'case')).toContain('there is no kind of finding orphan');
    expect(whyNotHandled('orphan-account', 'fix')).toBe('fix is no handling of a finding; there is correct, case, adopt, ignore');
  });

  test('an account that leavers can use, or that is protected, is never ignored as a whole', () => {
    for (const kind of ['leaver-account', 'protected-account'] as const) expect(handlingsOf(kind)).not.toContain('ignore');
  });
});
