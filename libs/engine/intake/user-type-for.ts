import { claimText, type Expression, type UserType } from '@tenure/domain';
import type { IncomingRecord } from './incoming-record.ts';

/**
 * Kind of person by a source; a contractor where an expression yields nothing valid: the kind with the fewest rights.
 * @param stated the source's own, compiled (`ClaimMappings.userTypes`)
 */
export function userTypeFor(
  stated: UserType | Expression,
  { facts, asserted }: Pick<IncomingRecord, 'asserted' | 'facts'>,
  known: UserType | null = null,
): UserType {
  if (asserted !== undefined) return asserted.userType ?? known ?? 'contractor';
  if (typeof stated === 'string') return stated;
  const said = claimText(stated, facts);
  return said === 'employee' || said === 'partner' ? said : 'contractor';
}
