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
  /** Digest of the changes and their people: another one when the policy, or the people whom it would change, differ. */
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
  /** Access that SoD rules would withhold and do not withhold today, by rule. */
  readonly withheld: readonly { readonly rule: string; readonly people: number; readonly examples: readonly string[] }[];
  /** People for whom the change budget counts something. */
  readonly batch: readonly PlannedPerson[];
}

/** A person whom a policy would change. */
export interface PlannedPerson extends PersonInBatch {
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Source of people, a page at a time: each page in its own transaction, or all in one. */
export interface PeopleToAsk {
  page(after: string | null, limit: number, matter: AccountsThatMatter): Promise<readonly PersonToAsk[]>;
  accounts(identityIds: readonly string[]): Promise<ReadonlyMap<string, readonly AccountInUse[]>>;
}
