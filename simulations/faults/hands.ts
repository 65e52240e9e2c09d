/** Hands of a target's own administrator: changes past Tenure, and past the target's dialect. */
export interface Hands {
  /** Creates an enabled account that Tenure does not know. */
  create(userName: string, group: string): Promise<void>;
  /** @returns false when there is no such account */
  setEnabled(userName: string, enabled: boolean): Promise<boolean>;
  /** @returns false when there is no such account */
  setMember(userName: string, group: string, isMember: boolean): Promise<boolean>;
  /** Removes an account, with its memberships. @returns false when there is no such account */
  remove(userName: string): Promise<boolean>;
  /**
   * Makes whole listings lie: they leave out accounts, and do not count them. The directory's cannot be made to lie.
   * @param share of all accounts, from 0 (none) to 1
   */
  hide(share: number): Promise<void>;
}
