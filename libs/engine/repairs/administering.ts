import { type PolicyDocument, TENURE_TARGET } from '@tenure/domain';

/** Names of the entitlements that make administrators of Tenure. */
export function administering({ entitlements }: PolicyDocument): readonly string[] {
  return Object.entries(entitlements).flatMap(([name, { target, value }]) => (target === TENURE_TARGET && value === 'admin' ? [name] : []));
}
