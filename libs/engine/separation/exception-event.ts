import { type AuditReasons, newAuditContent } from '@tenure/domain';
import type { AuditEntry, StoredSeparationException } from '@tenure/store';

type ExceptionAction = 'separation.excepted' | 'separation.exceptionEnded' | 'separation.exceptionRestored';

/** Audit event about an SoD exception. @param personal texts that people wrote, kept with the key of the person it is about */
export function exceptionEvent<A extends ExceptionAction>(
  action: A,
  { id, identityId, rule, names }: StoredSeparationException,
  more: Omit<AuditReasons[A], 'rule' | 'names'>,
  personal?: Readonly<Record<string, unknown>>,
): AuditEntry {
  const content = newAuditContent(action, { rule, names }, more);
  return { ...content, subjectKind: 'separation-exception', subjectId: id, identityId, ...(personal === undefined ? {} : { personal }) };
}
