/** Lie of a target. */
export type Lie =
  /** Whole listings leave out some accounts, and do not count them; a question about one alone is answered. */
  | { readonly kind: 'leaves-out'; readonly isLeftOut: (userName: string) => boolean }
  /** Whole listings show the accounts as they were when the lie began. */
  | { readonly kind: 'shows-old' };

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
  /** Lies that the target can be made to tell. */
  readonly lies: readonly Lie['kind'][];
  /** Makes the target tell a lie in place of the one before. @param lie one of `lies`; `null`: the truth */
  tell(lie: Lie | null): Promise<void>;
}
