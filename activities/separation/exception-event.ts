import type { AuditEntry, StoredSeparationException } from '@tenure/store';

/** Audit event about an SoD exception. @param personal what people wrote, kept with the key of whom it is about */
export function exceptionEvent(
  action: 'separation.excepted' | 'separation.exceptionEnded' | 'separation.exceptionRestored',
  { id, identityId, rule, names }: StoredSeparationException,
  more: Readonly<Record<string, unknown>>,
  personal?: Readonly<Record<string, unknown>>,
): AuditEntry {
  return {
    action,
    subjectKind: 'separation-exception',
    subjectId: id,
    identityId,
    reason: { rule, names, ...more },
    ...(personal === undefined ? {} : { personal }),
  };
}
