import { randomUUID } from 'node:crypto';
import type { DomainError } from '@tenure/domain';
import type { StoredOperation, Transaction } from '@tenure/store';
import { closeCase, openCase } from './cases.ts';

/** One try of an operation, with what came of it. */
export async function attempted(tx: Transaction, operation: StoredOperation, error: DomainError | null): Promise<void> {
  const current = (await tx.access.operation(operation.id)) ?? operation;
  const lastError = error === null ? current.lastError : { code: error.code, message: error.message, at: tx.context.now };
  await tx.access.updateOperation({ ...current, attempts: current.attempts + 1, lastError });
  await tx.access.insertAttempt({
    id: randomUUID(),
    operationId: operation.id,
    at: tx.context.now,
    outcome: error === null ? 'done' : 'failed',
    code: error?.code ?? null,
    message: error?.message ?? null,
  });
}

/** It is done, or was so already; audited with why it was planned. */
export async function finish(tx: Transaction, operation: StoredOperation, more: Readonly<Record<string, unknown>>): Promise<void> {
  const current = (await tx.access.operation(operation.id)) ?? operation;
  await tx.access.updateOperation({ ...current, status: 'done', finishedAt: tx.context.now });
  const { change } = operation;
  const entitlement = 'entitlement' in change ? { entitlement: change.entitlement } : {};
  tx.audit.record({
    action: `account.${change.kind}`,
    subjectKind: 'account',
    subjectId: operation.accountId,
    identityId: operation.identityId,
    reason: { target: operation.target, operationId: operation.id, decidedIn: operation.correlationId, ...entitlement, ...operation.reason, ...more },
  });
  await closeCase(tx, await tx.cases.openOfOperation(operation.id), 'done');
}

/** A permanent refusal: the operation waits as a case for `retryOperation` or `giveUpOperation`. */
export async function waitForPerson(tx: Transaction, operation: StoredOperation, error: DomainError): Promise<void> {
  const current = (await tx.access.operation(operation.id)) ?? operation;
  // Somebody has skipped it while it was being tried: there is nothing to ask any more.
  if (current.status === 'given-up') return;
  await tx.access.updateOperation({ ...current, status: 'failed', lastError: { code: error.code, message: error.message, at: tx.context.now } });
  const kind = error.code === 'ACCOUNT_CONFLICT' ? 'account-conflict' : 'operation-failed';
  await openCase(tx, {
    kind,
    key: `${kind}/${operation.id}`,
    identityId: operation.identityId,
    target: operation.target,
    operationId: operation.id,
    evidence: { target: operation.target, operation: operation.change.kind, code: error.code, message: error.message },
  });
}
