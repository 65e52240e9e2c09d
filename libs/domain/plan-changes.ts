import type { Change, DesiredAccount, ObservedAccount } from './account.ts';
import { planAccount } from './plan-account.ts';
import type { PolicyDocument } from './policy.ts';

/** What is to be done in one target. */
export interface TargetPlan {
  readonly target: string;
  readonly changes: readonly Change[];
}

/**
 * The changes in all targets of one person; targets in which nothing differs are left out. Sorted by target.
 * @param observed by target; absent and `null` both: no account is known there
 * @param managed from `managedEntitlements`
 */
export function planChanges(input: {
  readonly desired: readonly DesiredAccount[];
  readonly observed: Readonly<Record<string, ObservedAccount | null>>;
  readonly managed: Readonly<Record<string, ReadonlySet<string>>>;
}): TargetPlan[] {
  const plans = input.desired.map((desired) => ({
    target: desired.target,
    changes: planAccount(desired, input.observed[desired.target] ?? null, input.managed[desired.target] ?? new Set()),
  }));
  return plans.filter(({ changes }) => changes.length > 0).toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

/** Each target's own names of the entitlements that policy knows: what Tenure may take away there. */
export function managedEntitlements(document: PolicyDocument): Readonly<Record<string, ReadonlySet<string>>> {
  const managed: Record<string, Set<string>> = {};
  for (const { target, value } of Object.values(document.entitlements)) {
    managed[target] ??= new Set();
    if (value !== null) managed[target].add(value);
  }
  return managed;
}
