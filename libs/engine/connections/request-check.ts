import type { ConnectionName, Transaction } from '@tenure/store';

/** Asks the workers to test a connection now, audited. @returns what is known of it so far */
export async function requestCheck(tx: Transaction, { kind, name }: ConnectionName): ReturnType<Transaction['connections']['request']> {
  const asked = await tx.connections.request({ kind, name }, tx.context.now);
  tx.audit.record({
    action: 'connection.checkRequested',
    subjectKind: 'connection',
    subjectId: `${kind}/${name}`,
    identityId: null,
    reason: { kind, name },
  });
  return asked;
}
