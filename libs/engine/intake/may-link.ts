import type { Objection } from '@tenure/domain';
import type { CorrelationValue, Stray } from './correlation-value.ts';
import type { KnownPerson } from './known-person.ts';

/**
 * Why somebody is not linked to without asking.
 * @param reusable the value that found them, of a key that may be used again; `null`: a key for life did, which holds over an end and beside
 * other records
 * @returns `null`: nothing speaks against it
 */
export function objectionTo(person: KnownPerson, { source, values }: Stray, reusable: CorrelationValue | null): Objection | null {
  if (values.some((value) => value.forLife && person.hasAnotherForLife(value))) return 'contradicted';
  if (reusable === null) return null;
  if (!person.hasNow(reusable)) return 'ended';
  return person.living.some((record) => record.source === source) ? 'another-record' : null;
}
