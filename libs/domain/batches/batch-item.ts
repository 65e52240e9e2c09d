import { grantedUntil } from '../access/granted-until.ts';
import type { Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import type { CountedChange, DecidedState } from './counted-changes.ts';

/**
 * Result of one item of a batch change. `pending`: waits for approval, or for the worker once approved; `carried-out`: in force;
 * `fell-away`: newer information made it pointless; `discarded`: a person decided against it.
 */
export const BATCH_ITEM_RESULTS = ['pending', 'carried-out', 'fell-away', 'discarded'] as const;
export type BatchItemResult = (typeof BATCH_ITEM_RESULTS)[number];

/**
 * Reason for which an item fell away. `superseded`: its source sent a newer record, or a newer import has it; `named-again`: its source states the
 * person again, whom an earlier import left out; `in-force`: its content is already recorded; `refused`: nobody matches and the source may not
 * create people; `conflict`: its version is recorded with other content; `no-change`: nothing changes for the person any more; `other-policy`:
 * another policy version came into force; `protected`: the account is protected by now; `handed-on`: the decision failed, and the person's identity
 * lifecycle workflow retries it. Of an undo: `newer`: something newer states otherwise; `content-unknown`: the content of the version before is not in
 * the audit; `not-permitted`: the requester may not change it; `desired`:
 * what was written to the account is its desired state; `not-grantable`: no entitlement of the policy gives the membership that was taken, or a
 * separation-of-duties rule forbids it.
 */
export const FALL_AWAY_REASONS = [
  'superseded',
  'named-again',
  'in-force',
  'refused',
  'conflict',
  'no-change',
  'other-policy',
  'protected',
  'handed-on',
  'newer',
  'content-unknown',
  'not-permitted',
  'desired',
  'not-grantable',
] as const;
export type FallAwayReason = (typeof FALL_AWAY_REASONS)[number];

/** Status of a source record, without its facts. The facts of each version are in the audit, encrypted with the person's key. */
export interface RecordState {
  readonly id: string;
  readonly version: string;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  /** A day (`YYYY-MM-DD`) in place of an instant. */
  readonly endedOn: string | null;
}

/** State of a person as needed to undo a change: ids, names from the configuration, states and instants. */
export interface ItemState {
  /** `null`: there is no decision about the person. */
  readonly state: LifecycleState | null;
  /** `validUntil`: end of the grant or of the person's relationship, whichever comes first. */
  readonly grants: readonly Pick<Grant, 'kind' | 'name' | 'validFrom' | 'validUntil'>[];
  /** Desired state of the accounts. */
  readonly accounts: readonly { readonly target: string; readonly state: 'enabled' | 'disabled' | 'absent' }[];
  /** State of the record that the item is about; `null`: none yet. Absent if the batch is of a policy version. */
  readonly record?: RecordState | null;
}

/** State of an unknown person. */
export const NOBODY: ItemState = { state: null, grants: [], accounts: [], record: null };

/** Changes of a decision for one person as the change budget counts them, with the states before and after. */
export interface PersonChange {
  readonly changes: readonly CountedChange[];
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Returns names and states of a decision, sorted by name, so that two of them can be compared. */
export function itemState({ identity, lifecycle, grants, accounts }: Omit<DecidedState, 'entitlements'>, now: Instant): ItemState {
  return {
    state: lifecycle?.state ?? null,
    grants: grants
      .map((grant) => ({ kind: grant.kind, name: grant.name, validFrom: grant.validFrom, validUntil: grantedUntil(grant, identity, now) }))
      .toSorted((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1)),
    accounts: accounts.map(({ target, state }) => ({ target, state })).toSorted((a, b) => (a.target < b.target ? -1 : 1)),
  };
}
