import type { AccessDifference, ItemState, Lifecycle, LifecycleState, PersonInBatch } from '@tenure/domain';
import type { AccountInUse, AccountsThatMatter, PersonToAsk } from '@tenure/store';

/** A grant that a rule would give to some people, or no longer give. */
export interface PlannedDifference extends AccessDifference {
  readonly people: number;
  /** Ids of some of them. */
  readonly examples: readonly string[];
}

/** A change of lifecycle state, whatever the grants: accounts that are made ahead, disabled or deleted. */
export interface PlannedLife {
  /** The lifecycle rule that would apply; `null`: none. */
  readonly rule: string | null;
  readonly from: LifecycleState;
  readonly to: LifecycleState;
  /** State of the accounts today, and then. */
  readonly accountsFrom: Lifecycle['accounts'];
  readonly accountsTo: Lifecycle['accounts'];
  readonly people: number;
  /** Ids of some of them. */
  readonly examples: readonly string[];
}

/** Changes of a policy over everybody, compared with the one in force. */
export interface PolicyPlan {
  /** Of what would change and for whom: another one when the policy, or the people whom it would change, are others. */
  readonly digest: string;
  /** The version that it is compared with. */
  readonly version: number;
  readonly people: number;
  /** Number of people who would gain or lose a grant, or change their lifecycle state. */
  readonly changed: number;
  /** Largest first. */
  readonly gains: readonly PlannedDifference[];
  readonly losses: readonly PlannedDifference[];
  readonly lives: readonly PlannedLife[];
  /** By rules of separation of duties: whom they would keep from something that they do not keep them from today. */
  readonly withheld: readonly { readonly rule: string; readonly people: number; readonly examples: readonly string[] }[];
  /** Those for whom the change budget counts something. */
  readonly batch: readonly PlannedPerson[];
}

/** Somebody whom a policy would change. */
export interface PlannedPerson extends PersonInBatch {
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Where people are read from, a page at a time: each page on its own, or all in one transaction. */
export interface PeopleToAsk {
  page(after: string | null, limit: number, matter: AccountsThatMatter): Promise<readonly PersonToAsk[]>;
  accounts(identityIds: readonly string[]): Promise<ReadonlyMap<string, readonly AccountInUse[]>>;
}
