import { hash } from 'node:crypto';
import type { TargetSettings } from '@tenure/config';
import type { StagedAccount } from '@tenure/domain';

/** Version of the comparison: with a higher one, no account counts as compared before. */
const version = 1;

/** Settings and policy of a target that differences follow from. */
export interface ComparedTarget {
  readonly settings: TargetSettings;
  /** Entitlements of the target that policy knows or has known. */
  readonly managed: ReadonlySet<string>;
}

/**
 * Hash of everything in a target that the differences of an account follow from, the same in each run: the account itself, whether policy knows the
 * groups that it is in, and the target's settings for comparing. So where it is the same as in an earlier run, and the desired state is the same, so are
 * the differences, whatever the rules of comparison are.
 * @param account with canonical values in place of digests
 */
export function stagedHash(
  { settings, managed }: ComparedTarget,
  { nativeId, userName, externalId, enabled, attributes, entitlements }: StagedAccount,
): string {
  const known = entitlements.map((name) => managed.has(name));
  const { attributes: mapped, rules, reconciliation } = settings;
  const values = Object.keys(attributes)
    .sort()
    .map((name) => [name, attributes[name]]);
  return hash(
    'sha256',
    JSON.stringify([version, nativeId, userName, externalId, enabled, values, entitlements, known, Object.keys(mapped), rules, reconciliation]),
    'hex',
  );
}
