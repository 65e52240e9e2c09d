import type { Change } from '../accounts/account.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';

/**
 * Kinds of repairs. `release-user-name`: the user name of somebody who left becomes free; `move-record`: a source record goes to the person whom it
 * is about; `merge-identities`: two identities of one person become one; `undo`: what an earlier repair moved goes back.
 */
export const REPAIR_KINDS = ['release-user-name', 'move-record', 'merge-identities', 'undo'] as const;
export type RepairKind = (typeof REPAIR_KINDS)[number];

/** Status of a repair. `waiting`: for a second person, nothing has happened; `undone`: what could go back has gone back. */
export const REPAIR_STATUSES = ['waiting', 'done', 'undone', 'discarded'] as const;
export type RepairStatus = (typeof REPAIR_STATUSES)[number];

/** A repair as it is requested: ids and names of targets. */
export type RepairInput =
  | { readonly kind: 'release-user-name'; readonly identityId: string }
  /** `toIdentityId`: `null`: a new identity of its own. */
  | { readonly kind: 'move-record'; readonly recordId: string; readonly toIdentityId: string | null }
  | {
      readonly kind: 'merge-identities';
      readonly fromIdentityId: string;
      readonly intoIdentityId: string;
      /** Targets in which both have an account and that of `fromIdentityId` stays; in all others that of `intoIdentityId` does. */
      readonly accountsOfFrom: readonly string[];
    }
  | { readonly kind: 'undo'; readonly repairId: string };

/**
 * Reasons for which a second administrator has to approve a repair. `privileged`: one of the people has or gets rights in Tenure; `urgent-ends`:
 * the caller has no urgent end left for somebody whom it terminates.
 */
export const SECOND_PERSON_REASONS = ['privileged', 'urgent-ends'] as const;
export type SecondPersonReason = (typeof SECOND_PERSON_REASONS)[number];

/** Effect of a repair on one account. */
export interface AccountConsequence {
  readonly target: string;
  /** Id of the account; `null`: it is to be created. */
  readonly accountId: string | null;
  /** Desired states before and after; `null`: the person has no account there. */
  readonly before: 'enabled' | 'disabled' | 'absent' | null;
  readonly after: 'enabled' | 'disabled' | 'absent' | null;
  /** Other person from or to whom the account moves, as `identityId`; absent: it stays. */
  readonly from?: string;
  readonly to?: string;
  /** Changes in the target that wait after the repair. */
  readonly operations: readonly { readonly kind: Change['kind']; readonly entitlement?: string }[];
}

/** A violation of an SoD rule. */
export interface ViolationConsequence {
  readonly rule: string;
  readonly names: readonly string[];
  /** Grants that are withheld for it. */
  readonly withheld: readonly string[];
}

/** Consequences of a repair for one person: ids, names and states, no personal data. */
export interface PersonConsequences {
  /** `null`: a new identity, which gets its id when the repair is carried out. */
  readonly identityId: string | null;
  /** `null`: not known before. */
  readonly before: LifecycleState | null;
  readonly after: LifecycleState;
  /** Names of roles and entitlements. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  readonly accounts: readonly AccountConsequence[];
  readonly sessionsEnded: number;
  /** SoD violations that arise. */
  readonly violations: readonly ViolationConsequence[];
}

/** Rows that a repair moves, for each column that refers to a person; the key is `table.column`. */
export type MovedRows = Readonly<Record<string, readonly string[]>>;

/** Plan of a repair: everything that follows from it. */
export interface RepairPlan {
  /** Identifies the consequences: it is another one as soon as something else would follow. */
  readonly digest: string;
  readonly people: readonly PersonConsequences[];
  /** Number of rows that move, by `table.column`. */
  readonly moved: Readonly<Record<string, number>>;
  /** Logins whose binding ends, and how many of those that move an administrator has to confirm again. */
  readonly loginsEnded: number;
  readonly loginsToConfirm: number;
  /** Approved request items that end, since one of the two had approved them for the other. */
  readonly itemsEnded: readonly string[];
  readonly secondPerson: readonly SecondPersonReason[];
  /** Parts that an undo cannot bring back. */
  readonly forGood: readonly RepairLoss[];
}

/**
 * Parts that an undo does not bring back. `sessions`: ended sessions; `login-bindings`: ended bindings, whose people have to be linked again;
 * `confirmations`: of logins, which are given again; `links`: one-time links; `request-items`: access that one of two had approved for the other.
 */
export const REPAIR_LOSSES = ['sessions', 'login-bindings', 'confirmations', 'links', 'request-items'] as const;
export type RepairLoss = (typeof REPAIR_LOSSES)[number];
