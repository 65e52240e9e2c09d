import { connectionKey } from '@tenure/engine/connections';
import { failureOf, type Instant } from '@tenure/domain';
import type { ConnectionName, StoredConnection, Transaction } from '@tenure/store';
import type { ConnectionHealthType } from './connection.type.ts';

/** Health of a connection as GraphQL returns it. @param stored `null`: no worker knows it */
export async function viewHealth(tx: Transaction, connection: ConnectionName, stored: StoredConnection | null, now: Instant): Promise<ConnectionHealthType> {
  const failure = stored?.result == null ? null : failureOf(stored.result);
  const waiting = connection.kind === 'target' ? await tx.connections.waiting(connection.name) : null;
  const checkedAt = stored?.checkedAt ?? null;
  return {
    status: stored?.isWorking == null ? 'unknown' : stored.isWorking ? 'works' : 'fails',
    checkedAt,
    age: checkedAt === null ? null : Math.max(0, Math.floor((Date.parse(now) - Date.parse(checkedAt)) / 1000)),
    checkedBy: stored?.checkedBy ?? null,
    since: stored?.since ?? null,
    reason: failure?.reason ?? null,
    message: failure?.message ?? null,
    steps: stored?.result?.steps ?? [],
    limits: stored?.result?.limits ?? [],
    nextCheckAt: stored?.nextAt ?? null,
    requestedAt: stored?.requestedAt ?? null,
    waitingPeople: waiting?.people ?? null,
    waitingOperations: waiting?.operations ?? null,
    caseId: (await tx.cases.openOfKey(connectionKey(connection)))?.id ?? null,
  };
}
