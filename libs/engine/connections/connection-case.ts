import { failureOf } from '@tenure/domain';
import type { ConnectionName, StoredConnection, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Failed tests in a row that make a case though nobody waits: a restart of the other side is none. */
const enough = 3;

const kinds = { target: 'target-refuses', 'identity-provider': 'identity-provider-fails' } as const;

/** Key of the case for a whole target or provider. */
export function connectionKey({ kind, name }: ConnectionName): string {
  return `${kinds[kind]}/${name}`;
}

/**
 * Opens the case of a connection that fails: at once where a person waits for the result, otherwise when it has failed several tests in a row. Closes
 * it when a test passes after one that failed; a case that a refused look-up of one account has opened meanwhile closes with that account.
 */
export async function settleConnectionCase(tx: Transaction, wasWorking: boolean | null, connection: StoredConnection): Promise<void> {
  const { kind, name, result, since, failures } = connection;
  const failure = result === null ? null : failureOf(result);
  const open = await tx.cases.openOfKey(connectionKey(connection));
  if (failure === null) return closeCase(tx, wasWorking === false ? open : null, 'the test passes');
  const waiting = kind === 'target' ? await tx.connections.waiting(name) : null;
  if (open === null && failures < enough && (waiting?.operations ?? 0) === 0) return;
  const { step, reason, message } = failure;
  const common = { key: connectionKey(connection), identityId: null, operationId: null };
  const found = { step, reason, message, since };
  if (kind === 'target') await openCase(tx, { ...common, kind: kinds[kind], target: name, evidence: { target: name, ...found, ...waiting } });
  else await openCase(tx, { ...common, kind: kinds[kind], target: null, evidence: { provider: name, ...found } });
}

/** Closes the open cases of connections that are no longer in tenure.yaml. */
export async function closeForgotten(tx: Transaction, forgotten: readonly ConnectionName[]): Promise<void> {
  for (const connection of forgotten) await closeCase(tx, await tx.cases.openOfKey(connectionKey(connection)), 'no longer in tenure.yaml');
}
