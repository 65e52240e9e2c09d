import type { AccountAttributes, AccountRef, ConnectionLimit, ObservedAccount } from '@tenure/domain';

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand it to the next call; `null` after the last page. */
  readonly next: string | null;
  /** How many there are in all, when the target says so: proof that a listing was complete. */
  readonly total: number | null;
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
  list(page?: string): Promise<Page<ObservedAccount>>;
  /**
   * Reads one account: by native id when known, else by user name.
   * @returns `null` only when the target itself said that there is none; any doubt is ConnectorUnavailable
   */
  observe(ref: AccountRef): Promise<ObservedAccount | null>;
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
  /** Already a member is success. */
  addMember(entitlement: string, ref: AccountRef): Promise<void>;
  /** Not a member, no such account, no such group: success. */
  removeMember(entitlement: string, ref: AccountRef): Promise<void>;
}

/** What a target must be able to do for Tenure to manage it; every kind of connector here can. */
export type TargetConnector = Connector & ManagesAccounts & SwitchesAccounts & ManagesMembership;
