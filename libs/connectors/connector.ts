import type { AccountAttributes, AccountRef, ConnectionLimit, MembershipQuestion, ObservedAccount } from '@tenure/domain';

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand it to the next call; `null` after the last page. */
  readonly next: string | null;
  /** Number of accounts in all, when the target says so: proof that a listing was complete. */
  readonly total: number | null;
}

/** A page of the listing of all accounts. */
export interface AccountPage extends Page<ObservedAccount> {
  /** True: pages are counted by position, so accounts that come and go move the others from page to page. */
  readonly isByPosition: boolean;
  /** Why accounts may be missing though every page was read: `referral`, `row-security`; `null`: nothing says so. */
  readonly doubt: string | null;
}

/** An account to be created. `externalId` is the identity's id: the mark by which a repeated create finds its own. */
export interface NewAccount {
  readonly userName: string;
  readonly externalId: string;
  readonly enabled: boolean;
  readonly attributes: AccountAttributes;
}

/**
 * Every connector can look. What it can change is said by the interfaces that it also implements. A connector tries once
 * and says what happened: ConnectorUnavailable (worth retrying), ConnectorRefused (a person has to look), or success.
 * Every call ends within the target's time-out, reads a bounded answer and never leaves the configured host.
 */
export interface Connector {
  /**
   * Reaches the target, with good credentials, and may read what it needs; writes nothing. What fails is thrown, with
   * `details.step` and `details.reason`: `checkConnection` makes a result of it.
   * @returns what the target cannot show or do
   */
  check(): Promise<readonly ConnectionLimit[]>;
  /**
   * Lists all accounts with their memberships, as the target lists them: what is listed is there, what is not may have been left out.
   * @param page `next` of the page before, from whichever process; absent: the first
   * @param entitlements names of groups as policy writes them: `ObservedAccount.entitlements` has these names where it means these groups
   */
  list(page?: string, entitlements?: readonly string[]): Promise<AccountPage>;
  /**
   * Reads one account: by native id when known, wherever in the target it lies by now; else by user name.
   * @param memberships each is answered in `ObservedAccount.memberships`; none: only what the account itself lists is told
   * @returns `null` only when the target itself said that there is none, in an answer that could have shown it
   * @throws AccountNotVisible when it may be where this connector cannot look
   * @throws ConnectorUnavailable in any other doubt
   */
  observe(ref: AccountRef, memberships?: readonly MembershipQuestion[]): Promise<ObservedAccount | null>;
  close(): Promise<void>;
}

export interface ManagesAccounts {
  /** @throws AccountConflict when an account of that name is there already */
  create(account: NewAccount): Promise<ObservedAccount>;
  /** Writes these attributes and the mark `externalId` (so also how an account is adopted); leaves others alone. */
  update(ref: AccountRef, attributes: AccountAttributes, externalId: string): Promise<void>;
  /** Already gone is success. */
  delete(ref: AccountRef): Promise<void>;
}

export interface SwitchesAccounts {
  /** @throws AccountNotFound */
  enable(ref: AccountRef): Promise<void>;
  /** Already gone is success: nobody can log in with it. */
  disable(ref: AccountRef): Promise<void>;
}

export interface ManagesMembership {
  /**
   * Already a member is success. Where the account has another name in its groups by now, it loses the former one in whatever group is meant.
   * @param groupId as for `removeMember`: by what was written before the account may be in another group than the one that bears the name now
   * @param onGroup hears the target's own id of the group, and is waited for, before the membership is written: whoever writes it may die then
   * @returns the target's own id of the group, by which the membership is taken again when the group has another name by then; `null`: it has none
   * @throws ConnectorRefused when there is no such group, or the target changed nothing
   */
  addMember(entitlement: string, ref: AccountRef, groupId?: string | null, onGroup?: (groupId: string) => Promise<void>): Promise<string | null>;
  /**
   * Not a member, no such account, no such group: success. Done whether or not the target shows the membership.
   * @param groupId what `addMember` returned or a reading told; with it the group is found by its id as well as by its name
   */
  removeMember(entitlement: string, ref: AccountRef, groupId?: string | null): Promise<void>;
}

/** What a target must be able to do for Tenure to manage it; every kind of connector here can. */
export type TargetConnector = Connector & ManagesAccounts & SwitchesAccounts & ManagesMembership;
