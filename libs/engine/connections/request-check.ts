import type { ConnectionName, Transaction } from '@tenure/store';

/** Requests a test of a connection by the workers now, audited. @returns its last known status */
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
