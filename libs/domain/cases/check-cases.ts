import type { PolicyDocument } from '../policy/policy.ts';
import { checkSomeTime, checkUnique } from '../policy/policy-checks.ts';
import type { PolicyProblem } from '../policy/policy-invalid.ts';
import { checkApprovers } from '../requests/check-requestable.ts';
import { CASE_KINDS } from './case-kind.ts';

/** Checks rules for cases: their people can be found, deadlines are positive durations, and earlier rules leave a kind to each rule. */
export function checkCases(document: PolicyDocument): PolicyProblem[] {
  const { cases = [] } = document;
  const taken = new Set<string>();
  return [
    ...checkUnique(
      cases.map(({ name }) => name),
      (index) => ['cases', index, 'name'],
      'rule for cases',
    ),
    ...cases.flatMap(({ kinds = CASE_KINDS, owner, deadline, escalateTo }, index) => {
      const isLeftOver = kinds.every((kind) => taken.has(kind));
      for (const kind of kinds) taken.add(kind);
      return [
        ...(owner === undefined ? [] : checkApprovers(['cases', index, 'owner'], owner, document)),
        ...(escalateTo === undefined ? [] : checkApprovers(['cases', index, 'escalateTo'], escalateTo, document)),
        ...(deadline === undefined ? [] : checkSomeTime(['cases', index, 'deadline'], deadline)),
        ...(isLeftOver ? [{ path: ['cases', index], message: 'never applies, because rules before it name all of these kinds' }] : []),
      ];
    }),
  ];
}
