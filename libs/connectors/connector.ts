import type { AccountAttributes, AccountRef, ConnectionLimit, MembershipQuestion, ObservedAccount } from '@tenure/domain';

export interface Page<T> {
  readonly items: readonly T[];
  /** Token of the next page; `null` after the last page. */
  readonly next: string | null;
  /** Total number of accounts, which proves that a listing was complete; `null`: the target does not state it. */
  readonly total: number | null;
}

/** A membership that a target lists by group, and not with the account. */
export interface ListedMembership {
  readonly nativeId: string;
  /** Name of the group, as `ObservedAccount.entitlements`. */
  readonly entitlement: string;
}

/** A page of the listing of all accounts. */
export interface AccountPage extends Page<ObservedAccount> {
  /** True if pages are counted by position, so that new and deleted accounts move others between pages. */
  readonly isByPosition: boolean;
  /** Reason for which accounts may be missing though every page was read: `referral`, `row-security`; `null`: none is known. */
  readonly doubt: string | null;
  /** Memberships of accounts of any page that show none themselves. Absent: the accounts of this page show all of theirs. */
  readonly memberships?: readonly ListedMembership[];
}

/** An account to be created. `externalId` is the identity's id: the mark by which a repeated create finds the account of the first. */
export interface NewAccount {
  readonly userName: string;
  readonly externalId: string;
  readonly enabled: boolean;
  readonly attributes: AccountAttributes;
}

/**
 * Reads of a target, which every connector supports. Further interfaces of a connector declare its changes. A connector tries once
 * and reports the outcome: ConnectorUnavailable (worth a retry), ConnectorRefused (needs a person), or success.
 * Every call ends within the target's timeout, reads a bounded answer and never leaves the configured host.
 */
export interface Connector {
  /**
   * Checks that the target is reachable, the credentials are valid and the required data is readable; writes nothing. Failures are thrown,
   * with `details.step` and `details.reason`: `checkConnection` converts them to a result.
   * @returns limits: data that the target cannot show, and changes that it does not support
   */
  check(): Promise<readonly ConnectionLimit[]>;
  /**
   * Lists all accounts with their memberships, as the target lists them: listed ones exist, others may have been left out. Where accounts do not list
   * their memberships, pages without accounts follow, with the memberships of all groups.
   * @param page `next` of the previous page, from any process; absent: the first
   * @param entitlements names of groups in the policy: `ObservedAccount.entitlements` has these names for these groups
   */
  list(page?: string, entitlements?: readonly string[]): Promise<AccountPage>;
  /**
   * Reads one account: by native id if known, wherever it is in the target now; else by user name.
   * @param memberships each is answered in `ObservedAccount.memberships`; none: only memberships that the account itself lists are returned
   * @returns `null` only when the target itself stated that there is none, in an answer that could have shown it
   * @throws AccountNotVisible when it may be where this connector has no access
   * @throws ConnectorUnavailable in any other case of doubt
   */
  observe(ref: AccountRef, memberships?: readonly MembershipQuestion[]): Promise<ObservedAccount | null>;
  close(): Promise<void>;
}

/** Mark to be left on an account. */
export interface WrittenMark {
  /** Mark of the identity: its id. */
  readonly mark: string;
  /** Marks of identities to which the account belonged before; all others stay. */
  readonly former: readonly string[];
}

export interface ManagesAccounts {
  /** Creates an account. @throws AccountConflict when one of that name exists already */
  create(account: NewAccount): Promise<ObservedAccount>;
  /**
   * Writes these attributes and the mark `externalId` (which also adopts an account); leaves other attributes as they are. The mark of somebody else is
   * not replaced.
   * @param former marks of identities to which the account belonged before: these are replaced. Absent: none
   */
  update(ref: AccountRef, attributes: AccountAttributes, externalId: string, former?: readonly string[]): Promise<void>;
  /** Deletes an account. Success if it does not exist. */
  delete(ref: AccountRef): Promise<void>;
}

export interface SwitchesAccounts {
  /** Enables an account. @throws AccountNotFound */
  enable(ref: AccountRef): Promise<void>;
  /** Disables an account. Success if it does not exist: nobody can log in with it. */
  disable(ref: AccountRef): Promise<void>;
}

export interface ManagesMembership {
  /**
   * Adds a member. Success if it is one already. If the account has another name in its groups by now, its former name is removed from the group.
   * @param groupId as for `removeMember`: an earlier write may have added the account to another group than the one that has the name now
   * @param onGroup called with the target's id of the group, and awaited, before the membership is written, since the caller may be killed then
   * @returns the target's id of the group, by which the membership can be removed after the group is renamed; `null`: it has none
   * @throws ConnectorRefused when there is no such group, or the target changed nothing
   */
  addMember(entitlement: string, ref: AccountRef, groupId?: string | null, onGroup?: (groupId: string) => Promise<void>): Promise<string | null>;
  /**
   * Removes a member, whether or not the target shows the membership. Success if there is no such member, account or group.
   * @param groupId id that `addMember` returned or an observation showed; with it the group is found by its id as well as by its name
   */
  removeMember(entitlement: string, ref: AccountRef, groupId?: string | null): Promise<void>;
}

export interface FindsGroups {
  /**
   * Looks for a group of the policy by its name alone.
   * @returns false only when the target itself stated that there is none; `null`: the answer proves nothing
   */
  hasGroup(entitlement: string): Promise<boolean | null>;
}

/** Capabilities that Tenure needs to manage a target; every kind of connector here has them. SQL targets have no groups of their own to look for. */
export type TargetConnector = Connector & ManagesAccounts & SwitchesAccounts & ManagesMembership & Partial<FindsGroups>;
