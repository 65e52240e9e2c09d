import type { Configuration } from '@tenure/config';
import type { AttributeRules, MembershipQuestion, ObservedAccount, PlanScope } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';
import { digestFor } from './digest.ts';

/** Context of plans and conclusions about an account, apart from its desired and observed state. */
export type AccountScope = PlanScope & Required<Pick<PlanScope, 'accepted' | 'digest' | 'rules'>>;

export function rulesOf({ targets }: Configuration, target: string): AttributeRules {
  return targets[target]?.rules ?? {};
}

/** @param managed names in that target that policy knows or has known */
export function scopeOf(
  configuration: Configuration,
  { id, target, accepted }: Pick<StoredAccount, 'id' | 'target' | 'accepted'>,
  managed: ReadonlySet<string>,
): AccountScope {
  return { managed, rules: rulesOf(configuration, target), accepted, digest: digestFor(id) };
}

/** Observed state at the last read-back. `null`: there was no account; `undefined`: the target was never read, so an account may exist. */
export function lastSeen({ observed, observedAt }: Pick<StoredAccount, 'observed' | 'observedAt'>): ObservedAccount | null | undefined {
  return observedAt === null && observed === null ? undefined : observed;
}

/** Memberships that a read-back of the account is to show: those that matter for it, and all others that policy knows there. */
export function questionsOf({ desired, accepted }: Pick<StoredAccount, 'desired' | 'accepted'>, managed: ReadonlySet<string>): readonly MembershipQuestion[] {
  const needed = new Set([...(desired.state === 'absent' ? [] : desired.entitlements), ...Object.keys(accepted.memberships)]);
  const others = [...managed].filter((name) => !needed.has(name));
  const ask = (isNeeded: boolean) => (entitlement: string) => ({ entitlement, groupId: accepted.memberships[entitlement]?.groupId ?? null, isNeeded });
  return [...[...needed].sort().map(ask(true)), ...others.sort().map(ask(false))];
}
