import type { DesiredAccount } from '../accounts/account.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Grant, PolicyDocument } from '../policy/policy.ts';
import { spans } from '../identity/relationship.ts';
import { IN_ALL, type BatchChangeKind } from './change-budget.ts';

/** One thing that a batch does to one person. */
export interface CountedChange {
  /** A target, or `IN_ALL` for the person's life itself. */
  readonly target: string;
  readonly kind: BatchChangeKind;
}

/** How one person stands, as far as the budget looks at it. */
export interface DecidedState {
  readonly identity: Pick<Identity, 'relationships'>;
  /** `null`: of whom nothing had been decided yet. */
  readonly lifecycle: Lifecycle | null;
  readonly grants: readonly Grant[];
  readonly accounts: readonly Pick<DesiredAccount, 'target' | 'state' | 'onlyExisting'>[];
  readonly entitlements: PolicyDocument['entitlements'];
}

/**
 * What becomes of one person, each thing once. An end that is only reported ahead, or comes sooner, counts like one that is now: by the
 * time it comes nobody would ask any more. Sorted.
 */
export function countedChanges(before: DecidedState, after: DecidedState, now: Instant): CountedChange[] {
  const life = lifeChange(before, after, now);
  const changes: CountedChange[] = life === null ? [] : [{ target: IN_ALL, kind: life }];
  const had = new Map(before.accounts.map((account) => [account.target, account]));
  for (const account of after.accounts) {
    const kind = accountChange(had.get(account.target), account, life === 'disable');
    if (kind !== null) changes.push({ target: account.target, kind });
  }
  const [held, holds] = [valuesOf(before, now), valuesOf(after, now)];
  const isTouched = (target: string, ...kinds: readonly BatchChangeKind[]): boolean =>
    changes.some((change) => (change.target === target || change.target === IN_ALL) && kinds.includes(change.kind));
  for (const target of targetsIn(holds, held)) if (!isTouched(target, 'create', 'enable')) changes.push({ target, kind: 'gain' });
  for (const target of targetsIn(held, holds)) if (!isTouched(target, 'disable', 'delete')) changes.push({ target, kind: 'lose' });
  return changes.toSorted((a, b) => (`${a.target} ${a.kind}` < `${b.target} ${b.kind}` ? -1 : 1));
}

function lifeChange(before: DecidedState, after: DecidedState, now: Instant): BatchChangeKind | null {
  if (after.lifecycle === null) return null;
  const isIn = isThere(after.lifecycle);
  if (before.lifecycle === null) return isIn ? 'create' : null;
  const wasIn = isThere(before.lifecycle);
  if (wasIn !== isIn) return wasIn ? 'disable' : 'enable';
  return isIn && absentFrom(after, now) < absentFrom(before, now) ? 'disable' : null;
}

function isThere({ state }: Lifecycle): boolean {
  return state === 'active' || state === 'pre-hire';
}

/** When the person will not be there any more, as far as is known: at their end, or when a leave begins. */
function absentFrom({ identity, lifecycle }: DecidedState, now: Instant): Instant {
  const end = spans(identity).find((span) => span.end === null || span.end.at > now)?.end?.at ?? never;
  const leave = lifecycle?.next?.state === 'suspended' ? lifecycle.next.at : never;
  return end < leave ? end : leave;
}

const never = '9999-12-31T23:59:59.999Z';

function accountChange(before: DecidedState['accounts'][number] | undefined, after: DecidedState['accounts'][number], ends: boolean): BatchChangeKind | null {
  const was = before?.state ?? 'absent';
  if (after.state === 'absent') return was === 'absent' ? null : 'delete';
  if (was === 'absent') return after.onlyExisting === true ? null : 'create';
  if (after.state !== was) return after.state === 'enabled' ? 'enable' : 'disable';
  return ends && was === 'enabled' ? 'disable' : null;
}

/** What is held now, by target, as the policy calls it. */
function valuesOf({ grants, entitlements }: DecidedState, now: Instant): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const { kind, name } of grantsAt(grants, now)) {
    const target = kind === 'entitlement' && Object.hasOwn(entitlements, name) ? entitlements[name]?.target : undefined;
    if (target !== undefined) values.set(target, (values.get(target) ?? new Set()).add(name));
  }
  return values;
}

/** Targets in which something of the first is not in the second. */
function targetsIn(these: ReadonlyMap<string, ReadonlySet<string>>, those: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...these].filter(([target, names]) => [...names].some((name) => those.get(target)?.has(name) !== true)).map(([target]) => target);
}
