import { sameValue } from './account-values.ts';
import type { DesiredAccount, ObservedAccount, TargetMapping } from './account.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Whether an account that is already there is this person's: it bears the identity's id, or its `adoptBy` attribute equals
 * what we would write. One that bears the mark of another identity never is.
 */
export function adopts(desired: DesiredAccount, observed: ObservedAccount, identityId: string, mapping: TargetMapping): boolean {
  if (observed.externalId === identityId) return true;
  if (observed.externalId !== null && UUID.test(observed.externalId)) return false;
  const { adoptBy } = mapping;
  const ours = adoptBy === undefined ? undefined : desired.attributes[adoptBy];
  return adoptBy !== undefined && ours !== undefined && sameValue(ours, observed.attributes[adoptBy]) && !sameValue(ours, undefined);
}
