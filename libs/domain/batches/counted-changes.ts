import type { DesiredAccount } from '../accounts/account.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Grant, PolicyDocument } from '../policy/policy.ts';
import { spans } from '../identity/relationship.ts';
import { IN_ALL, type BatchChangeKind } from './change-budget.ts';

/** One effect of a batch on one person. */
export interface CountedChange {
  /** A target, or `IN_ALL` for the person's lifecycle itself. */
  readonly target: string;
  readonly kind: BatchChangeKind;
}

/** Decided state of one person, as far as the budget counts it. */
export interface DecidedState {
  readonly identity: Pick<Identity, 'relationships'>;
  /** `null`: there was no decision about the person yet. */
  readonly lifecycle: Lifecycle | null;
  readonly grants: readonly Grant[];
  readonly accounts: readonly Pick<DesiredAccount, 'target' | 'state' | 'onlyExisting'>[];
  readonly entitlements: PolicyDocument['entitlements'];
}

/**
 * Counts the effects on one person, each once, sorted. An end that is announced or moved forward counts like one that is now: at its time
 * it would no longer be checked.
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

/** Known time from which the person is absent: the end of the relationship, or the start of a leave. */
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

/** Names of the entitlements granted now, by target, as in the policy. */
function valuesOf({ grants, entitlements }: DecidedState, now: Instant): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const { kind, name } of grantsAt(grants, now)) {
    const target = kind === 'entitlement' && Object.hasOwn(entitlements, name) ? entitlements[name]?.target : undefined;
    if (target !== undefined) values.set(target, (values.get(target) ?? new Set()).add(name));
  }
  return values;
}

/** Targets in which the second lacks a name of the first. */
function targetsIn(these: ReadonlyMap<string, ReadonlySet<string>>, those: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...these].filter(([target, names]) => [...names].some((name) => those.get(target)?.has(name) !== true)).map(([target]) => target);
}
