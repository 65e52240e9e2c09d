import { expect, test } from '@jest/globals';
import { shownEvidence } from './shown-evidence.ts';

test('evidence has the names that clients see, and nothing else changes', () => {
  expect(shownEvidence('separation-conflict', { rule: 'books', names: ['a', 'b'], heldBack: ['b'], policyVersion: 3 })).toEqual({
    rule: 'books',
    names: ['a', 'b'],
    withheld: ['b'],
    policyVersion: 3,
  });
  expect(shownEvidence('end-not-confirmed', { target: 'crm', wanted: 'disabled', wantedSince: 'then' })).toEqual({
    target: 'crm',
    desired: 'disabled',
    desiredSince: 'then',
  });
  expect(shownEvidence('request-approval', { requestId: 'r', stage: 'one' })).toEqual({ requestId: 'r', stage: 'one' });
});
