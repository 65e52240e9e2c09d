/** An account as it really is in a target. */
export interface AccountThere {
  readonly userName: string;
  readonly externalId: string;
  readonly enabled: boolean;
  /** By the names that the groups were made with, whatever they are called by now; sorted. */
  readonly groups: readonly string[];
  /** It lies where accounts are not looked for. */
  readonly isElsewhere?: boolean;
}
