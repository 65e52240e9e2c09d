import { expect, test } from '@jest/globals';
import { auditSentence } from '../audit/sentences.ts';
import { CASE_RESOLUTIONS, resolutionOf } from './case-resolution.ts';

test.each(CASE_RESOLUTIONS.filter((one) => one !== 'automatic'))('%s is an answer, with words in the audit', (resolution) => {
  expect(resolutionOf(resolution)).toEqual({ resolution, reason: null });
  expect(auditSentence('case.closed', { resolution })).toMatch(/^A case was closed: [a-z ]+/);
});

test.each([
  ['somebody new', 'new-person'],
  ['same person', 'login-confirmed'],
  ['somebody else', 'login-ended'],
  ['released', 'approved'],
  ['to be tried again', 'retried'],
  ['given up', 'abandoned'],
  ['skipped', 'cancelled'],
])('what an earlier version has stored as "%s" is %s', (stored, resolution) => expect(resolutionOf(stored)).toEqual({ resolution, reason: null }));

test('everything else is the cause of an automatic close', () => {
  expect(resolutionOf('the test passes')).toEqual({ resolution: 'automatic', reason: 'the test passes' });
  expect(resolutionOf('answered itself: the token has ended')).toEqual({ resolution: 'automatic', reason: 'the token has ended' });
  expect(auditSentence('case.closed', { resolution: 'answered itself: the token has ended' })).toBe('A case was closed automatically: the token has ended.');
});
