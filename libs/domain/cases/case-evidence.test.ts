import { describe, expect, test } from '@jest/globals';
import { exampleCase } from '../testing/case-examples.ts';
import type { CaseContent, CaseEvidence, NewCaseContent, OfEveryKind } from './case-evidence.ts';
import { CASE_KINDS } from './case-kind.ts';

/** Each of these lines is wrong, and `npm run check` fails if the compiler does not report it. */
describe('the compiler refuses', () => {
  test('a kind of case without evidence', () => {
    // @ts-expect-error: `transfer` is missing
    type Incomplete = OfEveryKind<Omit<CaseEvidence, 'transfer'>>;
    const kinds: readonly (keyof CaseEvidence | keyof Incomplete)[] = CASE_KINDS;
    expect(kinds.length).toBe(new Set(kinds).size);
  });

  test('evidence that lacks something, or is of another kind', () => {
    const wrong: readonly NewCaseContent[] = [
      // @ts-expect-error: `endsAt` is missing
      { kind: 'end-before-start', evidence: { recordId: 'r', since: '2026-03-02T09:00:00.000Z' } },
      // @ts-expect-error: that is the evidence of `separation-conflict`
      { kind: 'separation-violation', evidence: { rule: 'r', names: [], heldBack: [], policyVersion: 1 } },
      // @ts-expect-error: no case has such a reason
      { kind: 'ambiguous-login', evidence: { recordId: 'r', provider: 'p', why: 'something else' } },
    ];
    expect(wrong).toHaveLength(3);
  });

  test('reading what the evidence of a kind does not have, or what an earlier version may have left out', () => {
    const found: CaseContent = exampleCase('facts-missing');
    if (found.kind !== 'facts-missing') throw new Error('it is of that kind');
    // @ts-expect-error: `candidates` is evidence of `ambiguous-record`
    expect(found.evidence.candidates).toBeUndefined();
    // @ts-expect-error: it may be absent
    const missing: readonly string[] = found.evidence.missing;
    expect(missing).toEqual(['sponsor']);
  });
});

test.each(CASE_KINDS)('a case of kind %s has an example with evidence', (kind) => {
  expect(Object.keys(exampleCase(kind).evidence)).not.toEqual([]);
});
