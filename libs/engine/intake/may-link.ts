import type { Objection } from '@tenure/domain';
import type { CorrelationValue, Stray } from './correlation-value.ts';
import type { KnownPerson } from './known-person.ts';

/**
 * Reason why a record is not linked to a person automatically.
 * @param reusable the value that found them, of a key that may be reused; `null`: a key for life did, which is valid after an end and beside other
 * records
 * @returns `null`: there is no objection
 */
export function objectionTo(person: KnownPerson, { source, values }: Stray, reusable: CorrelationValue | null): Objection | null {
  if (values.some((value) => value.forLife && person.hasAnotherForLife(value))) return 'contradicted';
  if (reusable === null) return null;
  if (!person.hasNow(reusable)) return 'ended';
  return person.living.some((record) => record.source === source) ? 'another-record' : null;
}
