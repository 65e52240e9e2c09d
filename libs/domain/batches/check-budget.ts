import { checkDuration, unknownName } from '../policy/policy-checks.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/policy-invalid.ts';
import { checkApprovers } from '../requests/check-requestable.ts';

/** Known targets, a window that is a duration, an owner who can exist. @param targets absent: their names are not checked */
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
