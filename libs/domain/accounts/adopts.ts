import type { DesiredAccount, ObservedAccount, TargetMapping } from './account.ts';
import { isProvenSame, ruleOf } from './account-values.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * True if an existing account belongs to this person: it has the identity's id, or its `adoptBy` attribute equals the value that we
 * would write and a source may vouch for that value. An account with the mark of another identity never does.
 */
export function adopts(desired: DesiredAccount, observed: ObservedAccount, identityId: string, mapping: TargetMapping): boolean {
  return whyNotAdopted(desired, observed, identityId, mapping) === null;
}

/**
 * Reason why an existing account does not belong to this person; `null` if it does.
 * @returns text that completes "the account is not adopted: …"; it names attributes and sources, never a value
 */
export function whyNotAdopted(desired: DesiredAccount, observed: ObservedAccount, identityId: string, mapping: TargetMapping): string | null {
  if (observed.externalId === identityId) return null;
  if (observed.externalId !== null && UUID.test(observed.externalId)) return 'it bears the mark of another identity';
  const { adoption } = desired;
  if (mapping.adoptBy === undefined) return "it does not bear this identity's mark, and the target has no adoptBy";
  if (adoption === undefined || adoption.attribute !== mapping.adoptBy) return `no value of ${mapping.adoptBy} has been found to speak for it`;
  if ('refused' in adoption) return adoption.refused;
  const [ours, theirs] = [desired.attributes, observed.attributes].map((attributes) =>
    Object.hasOwn(attributes, adoption.attribute) ? attributes[adoption.attribute] : undefined,
  );
  if (isNothing(ours) || isNothing(theirs)) return `there is no value of ${adoption.attribute} to compare`;
  return isProvenSame(ours, theirs, ruleOf(mapping.rules, adoption.attribute)) ? null : `its ${adoption.attribute} is not the person's`;
}

function isNothing(value: ObservedAccount['attributes'][string] | undefined): boolean {
  return isProvenSame(value, undefined);
}
