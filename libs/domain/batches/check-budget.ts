import { checkDuration, unknownName } from '../policy/policy-checks.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/policy-invalid.ts';
import { checkApprovers } from '../requests/check-requestable.ts';

/** Checks the budget: known targets, a valid window, an owner who can be found. @param targets absent: their names are not checked */
export function checkBudget(document: PolicyDocument, targets?: readonly string[]): PolicyProblem[] {
  const { budget } = document;
  if (budget === undefined) return [];
  const unknown = targets === undefined ? [] : Object.keys(budget.targets ?? {}).filter((name) => !targets.includes(name));
  return [
    ...checkDuration(['budget', 'window'], budget.window),
    ...unknown.map((name) => unknownName(['budget', 'targets', name], name, targets ?? [], 'target')),
    ...(budget.owner === undefined ? [] : checkApprovers(['budget', 'owner'], budget.owner, document)),
  ];
}
