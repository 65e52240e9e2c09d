import { protectedNames } from './configuration.ts';

/** An account as it really is in a target. */
export interface AccountThere {
  readonly userName: string;
  readonly externalId: string;
  readonly enabled: boolean;
  /** Names of groups as they were made, whatever they are called by now; sorted. */
  readonly groups: readonly string[];
  /** True if it lies where accounts are not looked for. */
  readonly isElsewhere?: boolean;
}

/** True for accounts that were made by hand: they belong to nobody. */
export function isMadeByHand({ userName }: Pick<AccountThere, 'userName'>): boolean {
  return isProtected(userName) || userName.startsWith('x-');
}

export function isProtected(userName: string): boolean {
  return Object.values(protectedNames).some((name) => name === userName);
}
