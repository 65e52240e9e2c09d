import type { Adoption } from './adoption.ts';
import type { MembershipSighting } from './observation.ts';
import type { AttributeValue, Instant } from '../identity/facts.ts';

export type AccountAttributes = Readonly<Record<string, AttributeValue>>;

/** Reference by which an account is found in its target. */
export interface AccountRef {
  /** The target's own id, once known. It never changes, so it is preferred. */
  readonly nativeId: string | null;
  readonly userName: string;
  /** `ObservedAccount.memberName` of earlier observations: groups may still list the account under them. Absent: none. */
  readonly memberNames?: readonly string[];
}

/** Desired state of an identity's account in one target. */
export interface DesiredAccount {
  readonly target: string;
  readonly userName: string;
  /** `absent`: no account. An account that never existed stays absent. */
  readonly state: 'enabled' | 'disabled' | 'absent';
  readonly attributes: AccountAttributes;
  /** The target's own names (`Entitlement.value`) of the entitlements that the account should have, sorted. */
  readonly entitlements: readonly string[];
  /** Adoption of an existing account by the value of an attribute. Absent: only an account with the identity's mark is adopted. */
  readonly adoption?: Adoption;
  /** True if the account is being wound down: disabled or deleted if it exists, and never created. Absent: it may be created. */
  readonly onlyExisting?: true;
}

/** Observed state of one account in a target. */
export interface ObservedAccount {
  readonly nativeId: string;
  readonly userName: string;
  /** Mark of the account (SCIM externalId, a configured LDAP attribute or column): the identity's id if Tenure wrote it, or any other value. */
  readonly externalId: string | null;
  /** True if the account can log in; `null`: the target does not report it. */
  readonly enabled: boolean | null;
  readonly attributes: AccountAttributes;
  /** Names of attributes whose value differs from the desired one and was not kept, as a reconciliation run keeps none. Absent: none. */
  readonly differing?: readonly string[];
  /** Observed groups or roles of the account, sorted. Those that policy knows are written as in policy; Tenure manages only those. */
  readonly entitlements: readonly string[];
  /** Answers to the requested `MembershipQuestion`s. */
  readonly memberships: readonly MembershipSighting[];
  /** True if it was found by its id outside the place of the target's accounts. Absent: it is in that place. */
  readonly isElsewhere?: true;
  /**
   * Name of the account in member lists of groups, if it is not the one with which an account of its user name is created (LDAP: the DN of an entry
   * that was moved or renamed).
   */
  readonly memberName?: string;
}

/** One idempotent change in one target. */
export type Change =
  | { readonly kind: 'create'; readonly attributes: AccountAttributes; readonly enabled: boolean }
  | { readonly kind: 'update'; readonly attributes: AccountAttributes }
  | { readonly kind: 'enable' }
  | { readonly kind: 'disable' }
  | { readonly kind: 'addMember'; readonly entitlement: string }
  | { readonly kind: 'removeMember'; readonly entitlement: string }
  | { readonly kind: 'delete' };

export type ChangeKind = Change['kind'];

/** Status of an operation. Allowed transitions are in operation.ts. */
export type OperationStatus = 'pending' | 'done' | 'failed' | 'superseded' | 'given-up';

/** Error of an operation's last attempt. */
export interface OperationError {
  readonly code: string;
  readonly message: string;
  readonly at: Instant;
  /** `uniqueness`: another account has the value; the operation is retried after another operation of the target has succeeded. */
  readonly reason?: string;
  /** `sharedRefusal`: the target refuses it for every account, and it is retried from time to time for one of them. Absent: it does not. */
  readonly about?: string;
}

/** A change with its status and attempts. */
export interface Operation {
  readonly id: string;
  readonly identityId: string;
  readonly accountId: string;
  readonly target: string;
  readonly change: Change;
  readonly status: OperationStatus;
  readonly attempts: number;
  readonly lastError: OperationError | null;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
}

/** Rule by which one account attribute is compared with the target's value. */
export interface AttributeRule {
  /** `caseless`: the target changes upper and lower case, so both count as equal. Absent: values are compared exactly. */
  readonly compare?: 'caseless';
  /** True if the target never shows the attribute: it is written when its value changes, and not compared. */
  readonly writeOnly?: true;
}

/** Rules by account attribute; most have none. */
export type AttributeRules = Readonly<Record<string, AttributeRule>>;

/** Mapping of an identity to an account in one target, from `targets.<name>` in tenure.yaml. */
export interface TargetMapping {
  readonly name: string;
  /** Account attribute to CEL over `identity`. An expression that yields nothing (absent fact) leaves the attribute out. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly rules?: AttributeRules;
  /**
   * Attribute by which an existing account is adopted: its value equals the one that we would write, and a source may vouch for that
   * value (`decideAdoption`). Absent: only accounts with this identity's id are adopted.
   */
  readonly adoptBy?: string;
}
