import type { Adoption } from './adoption.ts';
import type { MembershipSighting } from './observation.ts';
import type { AttributeValue, Instant } from '../identity/facts.ts';

export type AccountAttributes = Readonly<Record<string, AttributeValue>>;

/** How an account is found in its target. */
export interface AccountRef {
  /** The target's own id, once known. It never changes, so it is preferred. */
  readonly nativeId: string | null;
  readonly userName: string;
  /** `ObservedAccount.memberName` of earlier readings: groups may still hold it by them. Absent: none. */
  readonly memberNames?: readonly string[];
}

/** What should be true of an identity's account in one target. */
export interface DesiredAccount {
  readonly target: string;
  readonly userName: string;
  /** `absent`: no account at all. An account that was never there stays absent. */
  readonly state: 'enabled' | 'disabled' | 'absent';
  readonly attributes: AccountAttributes;
  /** The target's own names of what the account should hold, sorted: `Entitlement.value`. */
  readonly entitlements: readonly string[];
  /** Adoption of an existing account by the value of an attribute. Absent: only an account that bears the identity's mark is adopted. */
  readonly adoption?: Adoption;
  /** Being wound down: closed where it is there, never created anew. Absent: it may be created. */
  readonly onlyExisting?: true;
}

/** What a target says of one account. */
export interface ObservedAccount {
  readonly nativeId: string;
  readonly userName: string;
  /** The mark that Tenure left there (SCIM externalId, a configured LDAP attribute or column): the identity's id, or what somebody else wrote. */
  readonly externalId: string | null;
  /** True: the account can log in; `null`: the target does not report it. */
  readonly enabled: boolean | null;
  readonly attributes: AccountAttributes;
  /** Groups or roles that it was seen to hold there, sorted, as policy writes them where policy knows them; Tenure manages only those. */
  readonly entitlements: readonly string[];
  /** Answers to the memberships that were asked for. */
  readonly memberships: readonly MembershipSighting[];
  /** It was found by its id outside the place in which the target's accounts are looked for. Absent: it lies where it should. */
  readonly isElsewhere?: true;
  /** By which groups hold it, where that is another name than an account of its user name is created with (LDAP: the DN of an entry that was moved or renamed). */
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

/** Where an operation stands. Allowed moves are in operation.ts. */
export type OperationStatus = 'pending' | 'done' | 'failed' | 'superseded' | 'given-up';

/** Why an operation was not carried out when it was last tried. */
export interface OperationError {
  readonly code: string;
  readonly message: string;
  readonly at: Instant;
  /** `uniqueness`: another account holds the value; it is tried again when another operation of the target has gone through. */
  readonly reason?: string;
  /** `sharedRefusal`: the target refuses it for every account, and is asked again from time to time for one of them. Absent: it does not. */
  readonly about?: string;
}

/** A change with its story. */
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

/** How one account attribute is compared with what the target shows. */
export interface AttributeRule {
  /** `caseless`: the target changes upper and lower case, so both count as equal. Absent: values are compared exactly. */
  readonly compare?: 'caseless';
  /** The target never shows it: it is written when its value changes, and not compared. */
  readonly writeOnly?: true;
}

/** By account attribute; most have none. */
export type AttributeRules = Readonly<Record<string, AttributeRule>>;

/** How Tenure writes an account in one target: from `targets.<name>` in tenure.yaml. */
export interface TargetMapping {
  readonly name: string;
  /** Account attribute to CEL over `identity`. An expression that yields nothing (absent fact) leaves the attribute out. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly rules?: AttributeRules;
  /**
   * An account that is already there is adopted when this attribute of it equals what we would write, and a source may speak for that
   * value (`decideAdoption`). Absent: only accounts that bear this identity's id are.
   */
  readonly adoptBy?: string;
}
