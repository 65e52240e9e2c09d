import { claimText, type UserType } from '@tenure/domain';
import type { SourceOrProvider } from './settings-of-source.ts';
import type { IncomingRecord } from './incoming-record.ts';

/** What a source says of the kind of person; a contractor where an expression yields nothing valid: the kind with the fewest rights. */
export function userTypeFor(
  source: SourceOrProvider,
  { facts, asserted }: Pick<IncomingRecord, 'asserted' | 'facts'>,
  known: UserType | null = null,
): UserType {
  if (asserted !== undefined) return asserted.userType ?? known ?? 'contractor';
  if (typeof source.userType === 'string') return source.userType;
  const said = claimText(source.userType.cel, facts);
  return said === 'employee' || said === 'partner' ? said : 'contractor';
}
