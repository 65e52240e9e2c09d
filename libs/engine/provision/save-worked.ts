import { randomUUID } from 'node:crypto';
import { disprovedBy, type DomainError, type Instant, isTargetSuspended } from '@tenure/domain';
import type { NewAttempt, Person, Reading, StoredAccount, StoredObservation, StoredOperation, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { closedEverywhereSince, isEnding, isOpen } from '../decide/end-confirmed.ts';
import type { Meter } from '../decide/meter.ts';
import { notBefore } from '../decide/not-before.ts';
import { sameJson } from '../decide/same-json.ts';
import { operationCase } from './operation-case.ts';
import { type OperationResult, operationResults } from './operation-results.ts';
import { isProof, readingOf } from './readings.ts';
import { tendTargetCases, unseenReason } from './target-cases.ts';
import type { Worked } from './worked.ts';
import type { Saved } from './saved.ts';
import { wake } from '../decide/wake.ts';

/** Saves the results of any number of accounts in one target: operations with their attempts, observations, conclusions, cases and the audit. */
export async function saveWorked(tx: Transaction, target: string, all: readonly Worked[]): Promise<readonly Saved[]> {
  const people = new Map((await tx.people.lock(all.map(({ account }) => account.identityId))).map((person) => [person.identity.id, person]));
  const batch: Batch = {
    accounts: [],
    newOperations: [],
    changedOperations: [],
    attempts: [],
    readings: [],
    rows: [],
    results: [],
    takenBack: [],
    answered: [],
  };
  const saved = all.map((worked) => saveOne(tx, batch, people.get(worked.account.identityId), worked));
  await tx.people.save(batch, tx.context.now);
  await tx.readings.add(batch.readings);
  const read = all.filter(({ conclusion }) => conclusion !== null).map(({ account }) => account.id);
  await tx.observations.replace(read, batch.rows);
  const unseen = [...(await noteShown(tx, target, all)), ...(await tx.observations.readAgain(target, all.flatMap(shownNow)))];
  for (const identityId of new Set(unseen)) await wake(tx, identityId, 'decision');
  // The worker may not come back, as where its activity was cancelled meanwhile: the identity lifecycle workflow continues the work.
  for (const identityId of new Set(batch.takenBack)) await wake(tx, identityId, 'restart');
  for (const { operation, outcome, error } of batch.results) {
    const isFailed = operation.status === 'failed' && error !== null && error.code !== 'NOT_CONFIRMED';
    if (isFailed && isShared(operation)) await closeCase(tx, await tx.cases.openOfOperation(operation.id), 'replaced by one case for the whole target');
    else if (isFailed) await openCase(tx, operationCase(operation, error));
    else if (outcome !== 'open' && operation.status === 'done')
      await closeCase(tx, await tx.cases.openOfOperation(operation.id), 'the operation was carried out');
  }
  if (all.some(({ conclusion }) => conclusion !== null)) batch.answered.push(`target-refuses/${target}`);
  if (batch.answered.length > 0) for (const open of await tx.cases.openOfKeys(batch.answered)) await closeCase(tx, open, 'the desired state is confirmed');
  const recalled = await tx.sharedRefusals.recall(target, batch.results.flatMap(disproved));
  for (const identityId of recalled) await wake(tx, identityId, 'decision');
  const wasShared = [...people.values()].some(({ operations }) => operations.some((one) => one.target === target && isShared(one)));
  await tendTargetCases(tx, target, { all, saved, isRefused: recalled.length > 0 || wasShared || batch.results.some(({ operation }) => isShared(operation)) });
  if (batch.results.some(({ outcome }) => outcome === 'accepted'))
    for (const identityId of await tx.access.recallTaken(target, tx.context.now)) await wake(tx, identityId, 'decision');
  return Promise.all(saved.map(async (one) => ({ ...one, closedSince: await lastClosedSince(tx, one) })));
}

function isShared({ lastError }: StoredOperation): boolean {
  return lastError?.about !== undefined;
}

/** Refusals for all accounts of a target that a successful change, or one already in place, disproves. @returns their keys (`about`) */
function disproved({ operation: { change, lastError }, outcome }: OperationResult): readonly string[] {
  if (outcome !== 'accepted' && outcome !== 'already') return [];
  return [...(outcome === 'accepted' ? disprovedBy(change) : []), ...(lastError?.about === undefined ? [] : [lastError.about])];
}

/** Stores groups in which the target has shown a member for the first time. @returns people whose accounts can be concluded about now */
async function noteShown(tx: Transaction, target: string, all: readonly Worked[]): Promise<readonly string[]> {
  const names = all.flatMap(({ conclusion, shown }) =>
    (conclusion?.observations ?? [])
      .filter(({ aspect, verdict, name }) => aspect === 'membership' && verdict === 'PRESENT' && !shown.includes(name))
      .map(({ name }) => name),
  );
  return names.length === 0 ? [] : tx.observations.noteShown(target, [...new Set(names)], tx.context.now);
}

/** Aspects of an account, except its existence, that the target could not show before and shows now. */
function shownNow({ before, conclusion }: Worked): readonly Pick<StoredObservation, 'aspect' | 'name'>[] {
  const hidden = before.filter(({ verdict, aspect }) => verdict === 'NOT_VISIBLE' && aspect !== 'existence');
  const shown = (conclusion?.observations ?? []).filter(({ verdict }) => verdict !== 'NOT_VISIBLE');
  return shown.filter((one) => hidden.some(({ aspect, name }) => aspect === one.aspect && name === one.name)).map(({ aspect, name }) => ({ aspect, name }));
}

interface Batch {
  readonly accounts: StoredAccount[];
  readonly newOperations: StoredOperation[];
  readonly changedOperations: StoredOperation[];
  readonly attempts: NewAttempt[];
  readonly readings: Reading[];
  readonly rows: StoredObservation[];
  readonly results: OperationResult[];
  /** People whose account was confirmed, or not visible, and no longer is. */
  readonly takenBack: string[];
  /** Keys of cases that close automatically. */
  readonly answered: string[];
}

function saveOne(tx: Transaction, batch: Batch, person: Person | undefined, worked: Worked): Omit<Saved, 'closedSince'> {
  const account = person?.accounts.find(({ id }) => id === worked.account.id);
  if (person === undefined || account === undefined) return { worked, outcome: 'outdated' };
  const isCurrent = account.desiredSince === worked.account.desiredSince;
  const known = person.operations.filter(({ accountId }) => accountId === account.id);
  const results = operationResults(worked, account, known, tx.context).filter((result) => isCurrent || !result.isNew);
  for (const result of results) saveResult(tx, batch, result);
  if (worked.failure?.during === 'look') saveUntried(tx, batch, known, worked.failure.error);
  const readAt = worked.onlyRead?.at ?? notBefore(notBefore(tx.context.now, person.identity.decidedAt), account.desiredSince);
  saveAccount(tx, batch, person, account, worked, { isCurrent, readAt });
  return { worked, outcome: isCurrent ? outcomeOf(tx, person, account, worked, known, results) : 'outdated' };
}

function saveResult(tx: Transaction, batch: Batch, result: OperationResult): void {
  const { operation, isNew, outcome, error } = result;
  (isNew ? batch.newOperations : batch.changedOperations).push(operation);
  batch.results.push(result);
  if (outcome === 'accepted' || outcome === 'tried') batch.attempts.push(attempt(operation.id, tx.context.now, error));
  if (operation.status !== 'done') return;
  const entitlement = 'entitlement' in operation.change ? { entitlement: operation.change.entitlement } : {};
  tx.audit.record({
    action: `account.${operation.change.kind}`,
    subjectKind: 'account',
    subjectId: operation.accountId,
    identityId: operation.identityId,
    reason: {
      target: operation.target,
      operationId: operation.id,
      decidedIn: operation.correlationId,
      ...entitlement,
      ...operation.reason,
      ...(outcome === 'already' ? { already: true } : {}),
    },
  });
}

/** An error before any of them was begun counts for all that wait there. */
function saveUntried(tx: Transaction, { changedOperations, attempts }: Batch, known: readonly StoredOperation[], { code, message }: DomainError): void {
  const { now } = tx.context;
  for (const operation of known.filter(({ status }) => status === 'pending')) {
    const about = operation.lastError?.about;
    const lastError = { code, message, at: now, ...(about === undefined ? {} : { about }) };
    changedOperations.push({ ...operation, attempts: operation.attempts + 1, lastError });
    attempts.push(attempt(operation.id, now, { code, message }));
  }
}

function attempt(operationId: string, at: string, failure: { readonly code: string; readonly message: string } | null): NewAttempt {
  return { id: randomUUID(), operationId, at, outcome: failure === null ? 'done' : 'failed', code: failure?.code ?? null, message: failure?.message ?? null };
}

function saveAccount(
  tx: Transaction,
  batch: Batch,
  person: Person,
  account: StoredAccount,
  worked: Worked,
  { isCurrent, readAt }: { readonly isCurrent: boolean; readonly readAt: Instant },
): void {
  const { conclusion, found, observed } = worked;
  const { state } = person.identity;
  const differed = found !== undefined && found.changes.length > 0;
  const confirmedBefore = account.confirmedAt ?? account.notVisibleAt;
  if (isCurrent && confirmedBefore !== null && differed) noLongerConfirmed(tx, batch, person, account, worked, readAt);
  const unseen = worked.failure?.error;
  if (unseen?.code === 'ACCOUNT_NOT_VISIBLE') batch.rows.push(notVisibleRow(tx, worked, unseen, readAt));
  // Nothing was seen, and nothing was done: what earlier observations showed remains true. That an account may be where nobody may look is an
  // observation.
  const isUntouched = conclusion === null && observed === undefined && !differed && worked.made.length === 0 && unseen?.code !== 'ACCOUNT_NOT_VISIBLE';
  if (isUntouched && sameJson(worked.accepted, account.accepted)) return;
  const status = isCurrent ? conclusion?.status : undefined;
  const since = confirmedBefore !== null && !differed ? confirmedBefore : readAt;
  const isTakenBack = confirmedBefore !== null && !isUntouched && status !== 'CONFIRMED' && status !== 'NOT_VISIBLE';
  if (isTakenBack && worked.onlyRead === undefined) batch.takenBack.push(account.identityId);
  if (worked.isProtected === true && isProtectionNews(account, person)) batch.takenBack.push(account.identityId);
  batch.accounts.push({
    ...account,
    ...(observed === undefined ? {} : { nativeId: observed?.nativeId ?? null, observed, observedAt: readAt, existed: account.existed || observed !== null }),
    accepted: isCurrent ? worked.accepted : merged(account, worked),
    confirmedAt: status === 'CONFIRMED' ? since : isUntouched ? account.confirmedAt : null,
    notVisibleAt: status === 'NOT_VISIBLE' ? since : isUntouched ? account.notVisibleAt : null,
    driftedAt: isUntouched ? account.driftedAt : driftedSince(account, worked, readAt),
    protectedAt: isUntouched ? account.protectedAt : worked.isProtected === true ? (account.protectedAt ?? readAt) : null,
  });
  if (conclusion === null || observed === undefined) return;
  if (isProof(state)) batch.readings.push(readingOf(tx, account, observed, status === 'CONFIRMED', readAt));
  const { correlationId: run } = tx.context;
  for (const one of conclusion.observations) batch.rows.push({ ...one, accountId: account.id, target: account.target, at: readAt, run });
  if (status === 'CONFIRMED' && account.confirmedAt === null) concluded(tx, batch, account, 'account.confirmed');
  if (status === 'NOT_VISIBLE' && account.notVisibleAt === null) concluded(tx, batch, account, 'account.notVisible');
}

/** True if a protected account has to be decided about, which takes back what was planned and opens its case: it was not known as protected, or was not read as desired now. */
function isProtectionNews({ id, protectedAt, observedAt, desiredSince }: StoredAccount, { operations }: Person): boolean {
  const isRead = observedAt !== null && observedAt >= desiredSince;
  return protectedAt === null || !isRead || operations.some(({ accountId, status }) => accountId === id && status === 'pending');
}

/** Instant since which differences wait for somebody to approve their correction; `null`: there are none, or they are corrected as usual. */
function driftedSince({ driftedAt }: StoredAccount, { onlyRead, found }: Worked, readAt: Instant): Instant | null {
  return onlyRead?.drifts === true && found !== undefined && found.changes.length > 0 ? (driftedAt ?? readAt) : null;
}

/** Accepted memberships of both: those that a newer decision is about to give stay, beside those that the target has accepted meanwhile. */
function merged({ accepted }: StoredAccount, worked: Worked): StoredAccount['accepted'] {
  const newer = Object.entries(accepted.memberships).filter(([name]) => !Object.hasOwn(worked.accepted.memberships, name));
  const again = Object.entries(worked.accepted.memberships).map(([name, given]) => {
    const isWantedAgain = accepted.memberships[name] !== undefined && accepted.memberships[name].takenAt === null && given.takenAt !== null;
    return [name, isWantedAgain ? { ...given, takenAt: null, givenAt: null } : given] as const;
  });
  return { ...worked.accepted, memberships: Object.fromEntries([...again, ...newer]) };
}

/** Records that an account which was confirmed has changed in the target since, and keeps the read-back that found it. */
function noLongerConfirmed(tx: Transaction, { readings }: Batch, { identity }: Person, account: StoredAccount, { found, onlyRead }: Worked, at: Instant): void {
  const observed = found?.observed ?? null;
  // One that is only read has no other observation, which is kept in any case.
  if (isProof(identity.state) && onlyRead === undefined) readings.push(readingOf(tx, account, observed, false, at));
  tx.audit.record({
    action: 'account.changedThere',
    subjectKind: 'account',
    subjectId: account.id,
    identityId: account.identityId,
    reason: { target: account.target, wanted: account.desired.state, confirmedAt: account.confirmedAt, enabled: observed?.enabled ?? null, ...runOf(onlyRead) },
  });
}

function runOf(onlyRead: Worked['onlyRead']): { readonly runId?: string } {
  return onlyRead == null || onlyRead.runId === null ? {} : { runId: onlyRead.runId };
}

function concluded(
  tx: Transaction,
  { answered }: Batch,
  { id, identityId, target, desired, desiredSince }: StoredAccount,
  action: 'account.confirmed' | 'account.notVisible',
): void {
  const reason = { target, state: desired.state, entitlements: desired.entitlements, wantedSince: desiredSince };
  tx.audit.record({ action, subjectKind: 'account', subjectId: id, identityId, reason });
  answered.push(`end-not-confirmed/${id}`, `protected-account/${id}`);
}

function notVisibleRow(tx: Transaction, { account: { id, target, desired }, before }: Worked, { details }: DomainError, at: Instant): StoredObservation {
  const { correlationId: run } = tx.context;
  const evidence = unseenReason(details);
  const { readings, since } = before.find((one) => one.aspect === 'existence' && one.evidence === evidence) ?? { readings: 0, since: at };
  const common = { accountId: id, target, aspect: 'existence', name: '', value: null, readings: readings + 1, since, at, run } as const;
  return { ...common, verdict: 'NOT_VISIBLE', evidence, desired: desired.state === 'absent' ? 'absent' : 'present' };
}

function outcomeOf(
  tx: Transaction,
  person: Person,
  account: StoredAccount,
  { conclusion, failure, refused, suspended, found, onlyRead }: Worked,
  known: readonly StoredOperation[],
  results: readonly OperationResult[],
): Saved['outcome'] {
  if (conclusion?.status === 'CONFIRMED') return 'confirmed';
  if (conclusion?.status === 'NOT_VISIBLE') return 'not-visible';
  if (failure !== null) return 'unsettled';
  if (onlyRead !== undefined) return 'waiting';
  if (isTargetSuspended(person.suspensions, account.target, tx.context.now)) return 'waiting';
  const isUntried = found !== undefined && conclusion === null && refused.length === 0 && suspended.length === 0;
  if (isUntried) return 'unsettled';
  const failed = [...known.filter(({ id }) => !results.some(({ operation }) => operation.id === id)), ...results.map(({ operation }) => operation)];
  const waits = failed.some(({ status }) => status === 'failed' || status === 'given-up') || suspended.length > 0;
  const isOpen = results.some(({ operation, outcome }) => outcome === 'tried' && operation.status === 'pending');
  return waits && !isOpen ? 'waiting' : 'unsettled';
}

/** @returns when the end was decided, if this was the last account to be closed */
async function lastClosedSince(tx: Transaction, { worked: { account, observed }, outcome }: Omit<Saved, 'closedSince'>): Promise<Instant | null> {
  if (outcome === 'outdated' || observed === undefined || account.desired.state === 'enabled' || !isOpen(account) || isOpen({ observed, observedAt: '' }))
    return null;
  const identity = await tx.identities.get(account.identityId);
  return isEnding(identity?.state) ? closedEverywhereSince(tx, account.identityId) : null;
}

/** Counts operations that were carried out or will be retried, for metrics. */
export function countWorked(meter: Meter, target: string, worked: readonly Worked[]): void {
  for (const { made, refused, failure } of worked) {
    for (const { kind } of made) meter.operation(target, kind, 'done');
    for (const { change } of refused) meter.operation(target, change.kind, 'refused');
    if (failure !== null && typeof failure.during !== 'string') meter.operation(target, failure.during.kind, 'retried');
  }
}
