import type { Import, Transaction } from '@tenure/store';

/** Begins an import of a source. One that the source has not finished is forgotten. */
export async function beginImport(tx: Transaction, source: string): Promise<Import> {
  const begun = await tx.imports.begin(source, tx.context);
  await tx.sourceContacts.heard(source, tx.context.now);
  tx.audit.record({ action: 'import.begun', subjectKind: 'wave', subjectId: begun.id, identityId: null, reason: { source } });
  return begun;
}
