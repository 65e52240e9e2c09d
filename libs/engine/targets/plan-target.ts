import { isProtectedAccount } from '@tenure/config';
import { type Change, type ChangeKind, type ItemState, planAccount } from '@tenure/domain';
import type { StoredAccount, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';
import { lastSeen, scopeOf } from '../provision/account-scope.ts';

/** A person with the changes by which the account in a target would come to its desired state. */
export interface PlannedInTarget {
  readonly identityId: string;
  readonly accountId: string;
  readonly userName: string;
  /** In the order in which they would be carried out. */
  readonly changes: readonly Change[];
  /** State of the account as it was last observed, and as it is desired. */
  readonly before: ItemState['accounts'][number]['state'];
  readonly after: ItemState['accounts'][number]['state'];
  /** False: the account was not observed since its desired state was set, so the changes may turn out to be fewer. */
  readonly isObserved: boolean;
}

/** Number of accounts that are read together. */
const chunk = 500;

/**
 * Changes that are planned in a target, from the last observations and the desired states: computed when it is asked for, and stored nowhere. Protected
 * accounts are not changed.
 * @param after id of the last person of the previous page
 * @param limit maximum number of people
 */
export async function planOfTarget(tx: Transaction, engine: Engine, target: string, after: string | null, limit: number): Promise<readonly PlannedInTarget[]> {
  const managed = (await policyInForce(tx, engine)).managed[target] ?? new Set<string>();
  const shown = new Set(await tx.observations.shownIn(target));
  const found: PlannedInTarget[] = [];
  for (let from = after; found.length < limit; ) {
    const accounts = await tx.targetModes.unsettledAccounts(target, from, chunk);
    found.push(...accounts.map((account) => planOf(engine, account, managed, shown)).filter(({ changes }) => changes.length > 0));
    from = accounts.at(-1)?.identityId ?? null;
    if (accounts.length < chunk) break;
  }
  return found.slice(0, limit);
}

/** Number of people by kind of change, the most frequent first. */
export function countKinds(planned: readonly PlannedInTarget[]): readonly { readonly kind: ChangeKind; readonly people: number }[] {
  const counts = new Map<ChangeKind, number>();
  for (const { changes } of planned) for (const kind of new Set(changes.map((change) => change.kind))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, people]) => ({ kind, people })).toSorted((a, b) => b.people - a.people || (a.kind < b.kind ? -1 : 1));
}

function planOf({ configuration }: Engine, account: StoredAccount, managed: ReadonlySet<string>, shown: ReadonlySet<string>): PlannedInTarget {
  const { id: accountId, identityId, userName, desired, observed, observedAt, desiredSince } = account;
  return {
    identityId,
    accountId,
    userName,
    changes: isProtectedAccount(configuration.targets[account.target], userName, observed?.userName)
      ? []
      : planAccount(desired, lastSeen(account), { ...scopeOf(configuration, account, managed), shown }),
    before: observed === null ? 'absent' : observed.enabled === false ? 'disabled' : 'enabled',
    after: desired.state,
    isObserved: observedAt !== null && observedAt >= desiredSince,
  };
}
