import { randomUUID } from 'node:crypto';
import type { OperationAttempt, Person, Reading, StoredAccount, StoredOperation, Transaction } from '@tenure/store';
import { closeCase } from '../cases.ts';
import type { Meter } from '../meter.ts';
import { notBefore } from '../not-before.ts';
import { noChanges, type PendingChanges } from '../pending-changes.ts';
import { isProof, readingOf } from '../readings.ts';
import type { Made, Worked } from './work-on-account.ts';

/** Saves what came of many accounts in one target: each of its operations with its attempt, what was seen, and the audit. @returns how many are as wanted */
export async function saveWorked(tx: Transaction, target: string, worked: readonly Worked[]): Promise<number> {
  const people = new Map((await tx.people.lock(worked.map(({ account }) => account.identityId))).map((person) => [person.identity.id, person]));
  const changes = noChanges();
  const answered: string[] = [];
  const confirmed: StoredAccount[] = [];
  const readings: Reading[] = [];
  for (const one of worked) {
    const person = people.get(one.account.identityId);
    const account = person?.accounts.find(({ id }) => id === one.account.id);
    if (person === undefined || account === undefined) continue;
    for (const made of one.made) answered.push(...saveMade(tx, changes, person, account, made));
    const isAsWanted = one.isAsWanted && account.desiredSince === one.account.desiredSince;
    // A decision that came while this was done planned from what was seen before it.
    if (isAsWanted) for (const operation of othersOpen(person, account, one.made)) answered.push(...saveMade(tx, changes, person, account, operation));
    if (one.failure !== null) saveFailure(tx, changes, person, one.failure);
    if (one.observed === undefined) continue;
    // A newer decision may want something else by now: then what was seen is kept, and confirms nothing.
    const { state, decidedAt } = person.identity;
    const readAt = notBefore(tx.context.now, decidedAt);
    const observed = { nativeId: one.observed?.nativeId ?? null, observed: one.observed, observedAt: readAt };
    changes.accounts.push({ ...account, ...observed, confirmedAt: isAsWanted ? (account.confirmedAt ?? readAt) : null });
    if (isProof(state)) readings.push(readingOf(tx, account, one.observed, isAsWanted, readAt));
    if (isAsWanted && account.confirmedAt === null) confirmed.push(account);
  }
  await tx.people.save(changes, tx.context.now);
  await tx.readings.add(readings);
  for (const id of answered) await closeCase(tx, await tx.cases.openOfOperation(id), 'done');
  await tellConfirmed(tx, target, confirmed);
  return confirmed.length;
}

function othersOpen(person: Person, account: StoredAccount, made: readonly Made[]): readonly Made[] {
  return person.operations
    .filter(({ id, accountId, status }) => accountId === account.id && status !== 'given-up' && !made.some(({ operation }) => operation?.id === id))
    .map((operation) => ({ change: operation.change, operation, already: true }));
}

/** @returns ids of operations whose case answers itself */
function saveMade(
  tx: Transaction,
  changes: PendingChanges,
  person: Person,
  account: StoredAccount,
  { change, operation: planned, already }: Made,
): readonly string[] {
  const { now, correlationId } = tx.context;
  const finished = { status: 'done', finishedAt: now } as const;
  const current = planned === null ? null : person.operations.find(({ id }) => id === planned.id);
  // A newer decision has replaced it meanwhile: what it did to the target was seen there, and its story has ended.
  if (current === undefined) return [];
  const operation: StoredOperation =
    current === null ? foundOperation(account, change, now, correlationId) : { ...current, ...finished, attempts: current.attempts + (already ? 0 : 1) };
  (current === null ? changes.newOperations : changes.changedOperations).push(operation);
  if (!already) changes.attempts.push(attempt(operation.id, now, null));
  const entitlement = 'entitlement' in change ? { entitlement: change.entitlement } : {};
  tx.audit.record({
    action: `account.${change.kind}`,
    subjectKind: 'account',
    subjectId: account.id,
    identityId: account.identityId,
    reason: {
      target: account.target,
      operationId: operation.id,
      decidedIn: operation.correlationId,
      ...entitlement,
      ...operation.reason,
      ...(already ? { already } : {}),
    },
  });
  return current?.status === 'failed' ? [operation.id] : [];
}

function foundOperation(account: StoredAccount, change: StoredOperation['change'], now: string, correlationId: string): StoredOperation {
  return {
    id: randomUUID(),
    identityId: account.identityId,
    accountId: account.id,
    target: account.target,
    change,
    status: 'done',
    attempts: 1,
    lastError: null,
    createdAt: now,
    finishedAt: now,
    correlationId,
    position: 0,
    reason: { found: 'the target differed from what was last seen there' },
  };
}

/** Trouble counts for the operation that met it; before any was begun, for all that wait there. */
function saveFailure(tx: Transaction, changes: PendingChanges, person: Person, { error, operation }: NonNullable<Worked['failure']>): void {
  const { now } = tx.context;
  if (operation === null) return;
  const current = person.operations.find(({ id }) => id === operation.id);
  if (current === undefined) return;
  const { code, message } = error;
  changes.changedOperations.push({ ...current, attempts: current.attempts + 1, lastError: { code, message, at: now } });
  changes.attempts.push(attempt(current.id, now, { code, message }));
}

function attempt(operationId: string, at: string, failure: { readonly code: string; readonly message: string } | null): OperationAttempt {
  return { id: randomUUID(), operationId, at, outcome: failure === null ? 'done' : 'failed', code: failure?.code ?? null, message: failure?.message ?? null };
}

async function tellConfirmed(tx: Transaction, target: string, accounts: readonly StoredAccount[]): Promise<void> {
  for (const account of accounts) {
    tx.audit.record({
      action: 'account.confirmed',
      subjectKind: 'account',
      subjectId: account.id,
      identityId: account.identityId,
      reason: { target, state: account.desired.state, entitlements: account.desired.entitlements, wantedSince: account.desiredSince },
    });
  }
  if (accounts.length === 0) return;
  const keys = [`target-refuses/${target}`, ...accounts.map(({ id }) => `end-not-confirmed/${id}`)];
  for (const open of await tx.cases.openOfKeys(keys)) await closeCase(tx, open, 'confirmed');
}

/** For metrics: what was done, and what is tried again. */
export function countWorked(meter: Meter, target: string, worked: readonly Worked[]): void {
  for (const { made, failure } of worked) {
    for (const { change, already } of made) if (!already) meter.operation(target, change.kind, 'done');
    if (failure?.operation) meter.operation(target, failure.operation.change.kind, 'retried');
  }
}
