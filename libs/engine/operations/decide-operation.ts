import { wake } from '../decide/wake.ts';
import { tendRefusedChanges } from '../provision/target-cases.ts';
import { CaseClosed, endsAccess, Forbidden, mayMove, NotFound, checkedReason } from '@tenure/domain';
import type { StoredOperation, Transaction } from '@tenure/store';

/** Schedules a refused operation again, closes its case and wakes the identity lifecycle workflow. Audited with the reason. */
export async function retryOperation(tx: Transaction, id: string, reason: string): Promise<StoredOperation> {
  return decide(tx, id, reason, { status: 'pending', action: 'operation.retried', resolution: 'retried' });
}

/** Abandons a refused operation, closes its case and wakes the identity lifecycle workflow. Audited with the reason. */
export async function abandonOperation(tx: Transaction, id: string, reason: string): Promise<StoredOperation> {
  return decide(tx, id, reason, { status: 'given-up', action: 'operation.givenUp', resolution: 'abandoned' });
}

/**
 * Cancels an operation that was not refused: one that is still being tried, or is suspended. An operation that would close a terminated person's
 * account is never cancelled: keeping the account takes a suspension for that purpose, which has an end.
 */
export async function cancelOperation(tx: Transaction, id: string, reason: string): Promise<StoredOperation> {
  return decide(tx, id, reason, { status: 'given-up', action: 'operation.skipped', resolution: 'cancelled', from: 'pending' });
}

/** Cancels or abandons an operation that waits or was refused, as far as it does not end access. @throws Forbidden where it does */
export async function leaveUndone(tx: Transaction, id: string, reason: string): Promise<StoredOperation> {
  const known = await tx.access.operation(id);
  if (known?.status !== 'failed') return cancelOperation(tx, id, reason);
  await mustNotEndAccess(tx, known);
  return abandonOperation(tx, id, reason);
}

async function mustNotEndAccess(tx: Transaction, { id, identityId, target, change }: StoredOperation): Promise<void> {
  const [identity, account] = [await tx.identities.get(identityId), await tx.access.account(identityId, target)];
  const takesAway = change.kind === 'disable' || change.kind === 'removeMember';
  if (takesAway && identity !== null && account !== null && endsAccess(identity.state, account.desired))
    throw new Forbidden('An operation that ends access cannot be cancelled. To delay it, use suspendProvisioning with suspendsDeprovisioning.', {
      operationId: id,
    });
}

interface OperationDecision {
  readonly status: 'pending' | 'given-up';
  readonly action: 'operation.retried' | 'operation.givenUp' | 'operation.skipped';
  readonly resolution: string;
  /** Status that it must have; absent: any from which it may move, but `pending`. */
  readonly from?: 'pending';
}

async function decide(tx: Transaction, id: string, reason: string, { status, action, resolution, from }: OperationDecision): Promise<StoredOperation> {
  const known = await tx.access.operation(id);
  if (known === null) throw new NotFound(`there is no operation ${id}`, { operationId: id });
  const { identityId } = known;
  // Two people may decide at once, or a decision supersede it: the second one reads the result of the first.
  await tx.identities.lock(identityId);
  const operation = (await tx.access.operation(id)) ?? known;
  const isPending = operation.status === 'pending';
  if (!mayMove(operation.status, status) || isPending !== (from === 'pending'))
    throw new CaseClosed(`The operation is ${operation.status}: there is nothing to decide.`, { operationId: id, status: operation.status });
  if (from === 'pending') await mustNotEndAccess(tx, operation);
  const { now, actor } = tx.context;
  const decided: StoredOperation = { ...operation, status, finishedAt: status === 'given-up' ? now : null };
  await tx.access.updateOperation(decided);
  tx.audit.record({
    action,
    subjectKind: 'operation',
    subjectId: id,
    identityId,
    reason: { target: operation.target, kind: operation.change.kind, error: operation.lastError?.code ?? null },
    personal: { reason: checkedReason(reason) },
  });
  const opened = await tx.cases.openOfOperation(id);
  if (opened !== null) {
    await tx.cases.close(opened.id, `${actor.kind} ${actor.id}`, resolution, now);
    tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: opened.id, identityId, reason: { kind: opened.kind, resolution } });
  }
  if (status === 'given-up') await tendRefusedChanges(tx, [decided]);
  await wake(tx, identityId, 'decision');
  return decided;
}
