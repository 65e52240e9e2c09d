import type { Change, DesiredAccount, ObservedAccount } from './account.ts';
import { planAccount, type PlanScope } from './plan-account.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** Planned changes in one target. */
export interface TargetPlan {
  readonly target: string;
  readonly changes: readonly Change[];
}

/**
 * Plans the changes in all targets of one person, sorted by target. Targets without a difference are left out.
 * @param observed accounts by target; `null`: there is none; absent: it was never read
 */
export function planChanges(input: {
  readonly desired: readonly DesiredAccount[];
  readonly observed: Readonly<Record<string, ObservedAccount | null | undefined>>;
  readonly scopeOf: (target: string) => PlanScope;
}): TargetPlan[] {
  const plans = input.desired.map((desired) => ({
    target: desired.target,
    changes: planAccount(desired, input.observed[desired.target], input.scopeOf(desired.target)),
  }));
  return plans.filter(({ changes }) => changes.length > 0).toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

/** Each target's own names of the entitlements that policy knows, which Tenure may remove there. */
export function managedEntitlements(document: PolicyDocument): Readonly<Record<string, ReadonlySet<string>>> {
  const managed: Record<string, Set<string>> = {};
  for (const { target, value } of Object.values(document.entitlements)) {
    managed[target] ??= new Set();
    if (value !== null) managed[target].add(value);
  }
  return managed;
}
