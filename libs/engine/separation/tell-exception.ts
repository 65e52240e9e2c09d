import type { Audit, StoredSeparationException } from '@tenure/store';

/** Writes into the audit what became of an exception. @param personal what people wrote, kept with the key of whom it is about */
export function tellException(
  { audit }: { readonly audit: Audit },
  action: 'separation.excepted' | 'separation.exceptionEnded' | 'separation.exceptionRestored',
  { id, identityId, rule, names }: StoredSeparationException,
  more: Readonly<Record<string, unknown>>,
  personal?: Readonly<Record<string, unknown>>,
): void {
  audit.record({
    action,
    subjectKind: 'separation-exception',
    subjectId: id,
    identityId,
    reason: { rule, names, ...more },
    ...(personal === undefined ? {} : { personal }),
  });
}
