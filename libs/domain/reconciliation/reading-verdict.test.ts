import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateReading, provesAbsence, provesPresence, READING_REASONS, type ReadingProof, type ReadingReason } from './reading-verdict.ts';

const whole: ReadingProof = {
  failure: null,
  isFinished: true,
  accounts: 100,
  rows: 100,
  repeated: 0,
  total: 100,
  totalChanged: false,
  isByPosition: true,
  doubt: null,
  before: 100,
  known: 90,
  canariesHidden: 0,
  canariesUnanswered: 0,
  canariesUnlisted: 0,
};
const evaluated = (more: Partial<ReadingProof>) => evaluateReading({ ...whole, ...more });

describe('a reading is complete', () => {
  test.each<readonly [string, Partial<ReadingProof>]>([
    ['all that was announced was read', {}],
    ['the target announces no number and says that there is no more', { total: null }],
    ['the first reading of a target', { before: null }],
    ['an empty target that nobody has an account in', { accounts: 0, rows: 0, total: 0, before: null, known: 0 }],
    ['fewer accounts, within what happens in a day', { accounts: 85, rows: 85, total: 85 }],
    ['three of four accounts went, which says nothing in a small target', { accounts: 1, rows: 1, total: 1, before: 4 }],
    ['the number changed while pages follow ids, which do not slip', { totalChanged: true, isByPosition: false, total: 104 }],
  ])('%s', (_title, more) => {
    expect(evaluated(more)).toEqual({ verdict: 'complete', reasons: [] });
  });
});

describe('a reading is not complete', () => {
  test.each<readonly [ReadingReason, string, Partial<ReadingProof>]>([
    ['error', 'partial', { failure: { code: 'CONNECTOR_UNAVAILABLE', reason: 'HTTP_500' }, isFinished: false, accounts: 40, rows: 40 }],
    ['redirect', 'not-believed', { failure: { code: 'CONNECTOR_UNAVAILABLE', reason: 'REDIRECT' }, isFinished: false, accounts: 0, rows: 0 }],
    ['empty', 'not-believed', { accounts: 0, rows: 0, total: 0 }],
    ['shrunken', 'not-believed', { accounts: 79, rows: 79, total: 79 }],
    ['unfinished', 'partial', { isFinished: false, accounts: 40, rows: 40 }],
    ['repeated-ids', 'not-believed', { repeated: 1 }],
    ['total-missed', 'partial', { total: 101 }],
    ['total-changed', 'partial', { totalChanged: true }],
    ['hidden-accounts', 'partial', { doubt: 'row-security' }],
    ['canary-missing', 'not-believed', { canariesHidden: 1 }],
    ['canary-missing', 'not-believed', { canariesUnlisted: 1 }],
    ['canary-unanswered', 'partial', { canariesUnanswered: 1 }],
    ['rows-lost', 'not-believed', { rows: 0 }],
  ])('%s: %s', (reason, verdict, more) => {
    expect(evaluated(more)).toEqual({ verdict, reasons: [reason] });
  });

  test('a canary of the configuration says nothing of a reading that did not end', () => {
    expect(evaluated({ canariesUnlisted: 1, isFinished: false, accounts: 40, rows: 40 }).reasons).toEqual(['unfinished']);
  });

  test('there is a case for each reason, each alone', () => {
    expect(READING_REASONS).toHaveLength(12);
  });

  test('an error, a redirect, an empty and a shrunken answer are four different verdicts', () => {
    const failed = (reason: string) => evaluated({ failure: { code: 'CONNECTOR_UNAVAILABLE', reason }, isFinished: false, accounts: 0, rows: 0 });
    const four = [failed('HTTP_500'), failed('REDIRECT'), evaluated({ accounts: 0, rows: 0, total: 0 }), evaluated({ accounts: 5, rows: 5, total: 5 })];
    expect(new Set(four.map(({ reasons }) => reasons.join())).size).toBe(4);
  });

  test('an empty answer is not called shrunken too', () => {
    expect(evaluated({ accounts: 0, rows: 0, total: 0, known: 0, before: 100 }).reasons).toEqual(['empty']);
  });

  test('the gravest reason decides, and all are told', () => {
    expect(evaluated({ doubt: 'referral', repeated: 2 })).toEqual({ verdict: 'not-believed', reasons: ['repeated-ids', 'hidden-accounts'] });
  });
});

const anyProof: fc.Arbitrary<ReadingProof> = fc.record({
  failure: fc.option(fc.record({ code: fc.constant('CONNECTOR_UNAVAILABLE'), reason: fc.option(fc.constantFrom('REDIRECT', 'HTTP_500')) })),
  isFinished: fc.boolean(),
  accounts: fc.nat(200),
  rows: fc.nat(200),
  repeated: fc.nat(2),
  total: fc.option(fc.nat(200)),
  totalChanged: fc.boolean(),
  isByPosition: fc.boolean(),
  doubt: fc.option(fc.constantFrom('referral', 'row-security')),
  before: fc.option(fc.nat(200)),
  known: fc.nat(200),
  canariesHidden: fc.nat(1),
  canariesUnanswered: fc.nat(1),
  canariesUnlisted: fc.nat(1),
});

test('whatever comes: absence is proved only by a reading that ended, without an error, with each account once, and as many as announced', () => {
  fc.assert(
    fc.property(anyProof, (proof) => {
      const { verdict, reasons } = evaluateReading(proof);
      expect(verdict === 'complete').toBe(reasons.length === 0);
      if (!provesAbsence(verdict)) return;
      expect(provesPresence(verdict)).toBe(true);
      expect(proof).toMatchObject({ failure: null, isFinished: true, repeated: 0, doubt: null, canariesHidden: 0, canariesUnanswered: 0, canariesUnlisted: 0 });
      expect(proof.rows).toBe(proof.accounts);
      if (proof.total !== null && !proof.totalChanged) expect(proof.accounts).toBe(proof.total);
      if (proof.accounts === 0) expect(proof.known).toBe(0);
    }),
    { numRuns: 1000 },
  );
});
