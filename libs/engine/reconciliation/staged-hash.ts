import { hash } from 'node:crypto';
import type { TargetSettings } from '@tenure/config';
import type { StagedAccount } from '@tenure/domain';

/** Version of the comparison: with a higher one, no account counts as compared before. */
const version = 2;

/** Settings and policy of a target that differences follow from. */
export interface ComparedTarget {
  readonly settings: TargetSettings;
  /** Entitlements of the target that policy knows or has known. */
  readonly managed: ReadonlySet<string>;
}

/**
 * Hash of everything in a target that the differences of an account follow from, the same in each run: the account itself, whether policy knows the
 * groups that it is in, and the target's settings for comparing. So where it is the same as in an earlier run, and the desired state is the same, so are
 * the differences, whatever the rules of comparison are. It has 128 bits: nobody finds another account with the hash of one.
 * @returns function of an account with canonical values in place of digests, in the order of their names. Of accounts that share a list of groups, that list is written once
 */
export function stagedHashOf({ settings: { attributes: mapped, rules, reconciliation }, managed }: ComparedTarget): (account: StagedAccount) => string {
  const ofTarget = hash('sha256', JSON.stringify([version, Object.keys(mapped), rules, reconciliation]), 'hex');
  const lists = new WeakMap<readonly string[], string>();
  const groupsIn = (entitlements: readonly string[]): string => {
    const written = lists.get(entitlements) ?? JSON.stringify([entitlements, entitlements.map((name) => managed.has(name))]);
    lists.set(entitlements, written);
    return written;
  };
  return ({ nativeId, userName, externalId, enabled, attributes, entitlements }) => {
    const own = JSON.stringify([nativeId, userName, externalId, enabled, attributes]);
    return hash('sha256', `${ofTarget}${own}${groupsIn(entitlements)}`, 'hex').slice(0, 32);
  };
}
