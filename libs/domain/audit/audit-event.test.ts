import { describe, expect, test } from '@jest/globals';
import { auditContent, type NewAuditContent, newAuditContent, reasonOf, sentenceOfEvent } from './audit-event.ts';
import type { AuditAction, StoredReason } from './audit-reasons.ts';
import { auditActions } from './sentences.ts';

/** Each of these lines is wrong, and `npm run check` fails if the compiler does not report it. */
describe('the compiler refuses', () => {
  test('an event whose reason is not that of its action', () => {
    const wrong: readonly NewAuditContent[] = [
      // @ts-expect-error: no such action
      { action: 'grant.lent', reason: {} },
      // @ts-expect-error: `why` is missing
      { action: 'session.ended', reason: {} },
      // @ts-expect-error: that is the reason of `session.ended`
      { action: 'identity.created', reason: { why: 'logged out' } },
      // @ts-expect-error: nobody is refused to be terminated for that
      { action: 'identity.terminationRefused', reason: { why: 'is-tired' } },
      // @ts-expect-error: a case of this kind has no such evidence
      { action: 'case.opened', reason: { kind: 'sponsor-missing', candidates: [] } },
      // @ts-expect-error: `until` is missing
      newAuditContent('separation.excepted', { rule: 'r', names: [] }, { by: 'p', caseId: 'c' }),
    ];
    expect(wrong).toHaveLength(6);
  });

  test('an action without its sentence', () => {
    type Sentences = { readonly [A in AuditAction | 'grant.lent']: (reason: never) => string };
    // @ts-expect-error: `grant.lent` is missing
    const sentences: Sentences = {} as { readonly [A in AuditAction]: (reason: never) => string };
    expect(sentences).toEqual({});
  });

  test('a sentence that reads what its reason does not have, or what an earlier version may have left out', () => {
    const reason: StoredReason<'identity.created'> = { source: 'hr' };
    // @ts-expect-error: that is of `session.ended`
    expect(reason.why).toBeUndefined();
    // @ts-expect-error: it may be absent
    const recordId: string = reason.recordId;
    expect(recordId).toBeUndefined();
  });
});

describe('a stored event', () => {
  const event = (action: string, reason: Readonly<Record<string, unknown>> = {}) => ({ action, reason, subjectKind: action.split('.')[0] ?? '' });

  test.each(auditActions())('%s has a sentence, also where an earlier version wrote nothing of its reason', (action) => {
    const sentence = sentenceOfEvent(event(action));
    expect(sentence).toMatch(/\.$/);
    expect(sentence).not.toMatch(/undefined|\[object|NaN/);
    expect(sentence).not.toContain(`: ${action}.`);
  });

  test('with an action that is not known here is named by it', () => {
    expect(auditContent(event('thing.happened'))).toBeNull();
    expect(auditContent(event('constructor'))).toBeNull();
    expect(sentenceOfEvent(event('account.toString'))).toBe('account: account.toString.');
  });

  test('gives its reason only to whoever asks for its action', () => {
    const created = event('identity.created', { source: 'hr', recordId: 'r' });
    expect(reasonOf(created, 'identity.created')).toEqual({ source: 'hr', recordId: 'r' });
    expect(reasonOf(created, 'record.linked')).toBeNull();
  });
});
