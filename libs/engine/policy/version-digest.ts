/**
 * Digest of the version that a batch change would put in force.
 * @param policy SHA-256 of its policy
 * @param settings of its tenure.yaml; `null`: the one in force stays, so that the policy alone counts
 */
export function versionDigest(policy: string, settings: string | null): string {
  return settings === null ? policy : `${policy}.${settings}`;
}

/** SHA-256 of the policy of such a name. */
export function policyDigestOf(version: string): string {
  return version.split('.')[0] ?? version;
}
