import { grantedUntil } from '../access/granted-until.ts';
import type { Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import type { CountedChange, DecidedState } from './counted-changes.ts';

/**
 * The result of one item of a batch change. `pending`: waits for approval, or for the worker once approved; `carried-out`: in force;
 * `fell-away`: newer information made it pointless; `discarded`: a person decided against it.
 */
export const BATCH_ITEM_RESULTS = ['pending', 'carried-out', 'fell-away', 'discarded'] as const;
export type BatchItemResult = (typeof BATCH_ITEM_RESULTS)[number];

/**
 * Why an item fell away. `superseded`: its source sent a newer record, or a newer import has it; `named-again`: its source names the person,
 * whom an earlier import left out; `in-force`: what it says is recorded already; `refused`: nobody matches and the source may not create
 * people; `conflict`: its version is recorded with other content; `no-change`: nothing changes for the person any more; `other-policy`: another policy version came into force; `handed-on`: deciding
 * failed, and the person's own identity lifecycle goes on trying.
 */
export const FALL_AWAY_REASONS = ['superseded', 'named-again', 'in-force', 'refused', 'conflict', 'no-change', 'other-policy', 'handed-on'] as const;
export type FallAwayReason = (typeof FALL_AWAY_REASONS)[number];

/** Status of a source record, without what it says. The facts of each version are in the audit, sealed with the person's key. */
export interface RecordState {
  readonly id: string;
  readonly version: string;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  /** A day (`YYYY-MM-DD`) in place of an instant. */
  readonly endedOn: string | null;
}

/** A person as far as undoing a change needs it: ids, names from the configuration, states and instants. */
export interface ItemState {
  /** `null`: nobody of whom anything was decided. */
  readonly state: LifecycleState | null;
  /** `validUntil`: until its own end or that of the person's time, whichever comes first. */
  readonly grants: readonly Pick<Grant, 'kind' | 'name' | 'validFrom' | 'validUntil'>[];
  /** Desired state of the accounts. */
  readonly accounts: readonly { readonly target: string; readonly state: 'enabled' | 'disabled' | 'absent' }[];
  /** Of the record that the item is about; `null`: none yet. Absent in a policy version. */
  readonly record?: RecordState | null;
}

/** Nobody of whom anything is known. */
export const NOBODY: ItemState = { state: null, grants: [], accounts: [], record: null };

/** Changes of a decision for one person as the change budget counts them, with the states before and after. */
export interface PersonChange {
  readonly changes: readonly CountedChange[];
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Names and states of what was decided, sorted by name, so that two of them can be compared. */
export function itemState({ identity, lifecycle, grants, accounts }: Omit<DecidedState, 'entitlements'>, now: Instant): ItemState {
  return {
    state: lifecycle?.state ?? null,
    grants: grants
      .map((grant) => ({ kind: grant.kind, name: grant.name, validFrom: grant.validFrom, validUntil: grantedUntil(grant, identity, now) }))
      .toSorted((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1)),
    accounts: accounts.map(({ target, state }) => ({ target, state })).toSorted((a, b) => (a.target < b.target ? -1 : 1)),
  };
}
