import { randomUUID } from 'node:crypto';
import type { TargetConnector } from '@tenure/connectors';
import {
  AccountConflict,
  ConnectorUnavailable,
  DomainError,
  endsAccess,
  type Hold,
  holdOn,
  type Instant,
  isTargetHeld,
  type LifecycleState,
  NotConfirmed,
  type ObservedAccount,
  planAccount,
} from '@tenure/domain';
import type { ActContext, Store, StoredAccount, StoredOperation, Transaction } from '@tenure/store';
import { type AccountInTurn, applyAtOnce, isUsual } from './apply-at-once.ts';
import { change, changesWanted, isForeign, look } from './account-in-target.ts';
import { closeCase, openCase } from './cases.ts';
import { letLeaversPass } from './leavers-first.ts';
import { closedEverywhereSince, isEnding, isOpen } from './end-confirmed.ts';
import type { Loop } from './loop.ts';
import type { Meter } from './meter.ts';
import { notBefore } from './not-before.ts';
import { attempted, finish, waitForPerson } from './operation-story.ts';
import { isProof, readingOf } from './readings.ts';
import { sameChange } from './save-accounts.ts';
import { type LeaseWish, withLease } from './with-lease.ts';

/** What came of speaking to one target. `waiting`: something there waits for a person to close a case. */
export interface Applied {
  readonly outcome: 'confirmed' | 'waiting' | 'nothing';
  readonly done: number;
}

export interface ApplyDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly meter: Meter;
}

export interface ApplyInput {
  readonly identityId: string;
  readonly target: string;
  readonly context: ActContext;
  /** Called between steps; throws when the activity was cancelled because a newer decision took its place. */
  readonly alive: () => void;
}

/** Reading, acting and reading again: a newer decision during that is taken up at once, this many times. */
const rounds = 3;

/**
 * Brings one account to what is wanted now, whatever was planned earlier: looks, does what differs, reads back. A repeated or
 * late run finds nothing to do. Temporary trouble is thrown, for Temporal to retry; a permanent one becomes a case.
 */
export async function applyOperations(dependencies: ApplyDependencies, input: ApplyInput): Promise<Applied> {
  const { store, loop, meter } = dependencies;
  const { identityId, target, context } = input;
  const take: LeaseWish<AccountInTurn>['take'] = async (tx, by, milliseconds) => {
    const claimed = await tx.access.claimAccount(identityId, target, by, milliseconds);
    if (claimed === null || claimed === 'others') return claimed;
    return { ...claimed, managed: (await loop.policyInForce(tx)).managed[target] ?? new Set() };
  };
  const applied = await withLease({ store, context, target, take }, async (claimed, turn) => {
    const alive = (): void => {
      input.alive();
      turn.mustHold();
    };
    const connector = dependencies.connectors[target];
    try {
      if (connector === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target });
      const done = isUsual(claimed) ? await applyAtOnce({ loop, meter, connector, alive, turn }, claimed) : null;
      if (done !== null) return { outcome: 'confirmed', done } as const;
      return await bringAbout(dependencies, { ...input, alive }, connector);
    } catch (error) {
      // Nothing here ends a life: what no case covers is asked again, at leisure.
      if (error instanceof DomainError && !error.retryable)
        throw new ConnectorUnavailable(error.message, { ...error.details, code: error.code }, { cause: error, retryAfter: 60_000 });
      throw error;
    }
  });
  return applied ?? { outcome: 'nothing', done: 0 };
}

/** One step after the other, each kept with its result: for whatever somebody holds back, refuses or has changed meanwhile. */
async function bringAbout(dependencies: ApplyDependencies, input: ApplyInput, connector: TargetConnector): Promise<Applied> {
  const { store, loop } = dependencies;
  let done = 0;
  for (let round = 0; round < rounds; round += 1) {
    const { account, holds, managed, state } = await store.read(async (tx) => ({
      account: await accountOf(tx, input),
      holds: await tx.holds.open(input.identityId),
      state: (await tx.identities.get(input.identityId))?.state ?? 'active',
      managed: (await loop.policyInForce(tx)).managed[input.target] ?? new Set<string>(),
    }));
    // An operator keeps everybody from speaking to it: the life sleeps until that is over.
    if (isTargetHeld(holds, input.target, input.context.now)) return { outcome: 'waiting', done };
    const found = await lookOrReport(dependencies, input, connector, account);
    if (round === 0) await letLeaversPass(store, input.context, account);
    const isConflict = found !== null && isForeign(loop, account, found);
    const observed = isConflict ? null : found;
    const steps = await store.transaction(input.context, async (tx) => {
      const agreed = await agree(tx, account, observed, managed);
      if (account.confirmedAt !== null && agreed.length > 0) await noLongerConfirmed(tx, account, observed);
      return agreed;
    });
    const [first] = steps;
    if (isConflict && first !== undefined) {
      const conflict = new AccountConflict('an account of that name is there and does not say whose it is', { target: input.target });
      await store.transaction(input.context, (tx) => waitForPerson(tx, first, conflict));
      return { outcome: 'waiting', done };
    }
    for (const operation of steps.filter(({ status }) => status === 'pending')) {
      input.alive();
      if (isHeldBack(holds, account, state, operation, input.context.now)) {
        if (operation.change.kind === 'create') return { outcome: 'waiting', done };
        continue;
      }
      const failed = await perform(dependencies, input, connector, account, operation, observed);
      if (failed === 'stop') return { outcome: 'waiting', done };
      if (failed === null) done += 1;
    }
    const settled = await confirm(dependencies, input, connector, managed);
    if (settled !== 'changed') return { outcome: settled, done };
  }
  throw new NotConfirmed('what is wanted keeps changing', { target: input.target });
}

/**
 * A target that refuses to be read (a credential that ran out, a right that is missing) is one question for one person, however
 * many accounts wait; it is asked again every minute, so that it heals by itself once the target is mended.
 */
async function lookOrReport(
  { store }: ApplyDependencies,
  { context, target }: ApplyInput,
  connector: TargetConnector,
  account: StoredAccount,
): Promise<ObservedAccount | null> {
  try {
    return await look(connector, account);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await store.transaction(context, async (tx) => {
      for (const operation of await tx.access.openOperations(account.id)) if (operation.status === 'pending') await attempted(tx, operation, error);
    });
    if (error.retryable) throw error;
    const evidence = { target, code: error.code, message: error.message };
    await store.transaction(context, (tx) =>
      openCase(tx, { kind: 'target-refuses', key: `target-refuses/${target}`, identityId: null, target, operationId: null, evidence }),
    );
    throw new ConnectorUnavailable(`target ${target} refuses to be read: ${error.message}`, { target, code: error.code }, { cause: error, retryAfter: 60_000 });
  }
}

function isHeldBack(
  holds: readonly Hold[],
  { target, desired }: StoredAccount,
  state: LifecycleState,
  { id, change: wanted }: StoredOperation,
  now: Instant,
): boolean {
  return holdOn(holds, { target, change: wanted, operationId: id, endsAccess: endsAccess(state, desired) }, now) !== null;
}

async function accountOf(tx: Transaction, input: ApplyInput): Promise<StoredAccount> {
  const account = await tx.access.account(input.identityId, input.target);
  if (account === null) throw new Error(`account of ${input.identityId} in ${input.target} vanished`);
  return account;
}

/** What had been confirmed has changed in the target since: it is to be confirmed anew, and the look that found it is kept. */
async function noLongerConfirmed(tx: Transaction, account: StoredAccount, observed: ObservedAccount | null): Promise<void> {
  const identity = await tx.identities.lock(account.identityId);
  const current = await tx.access.account(account.identityId, account.target);
  if (identity === null || current === null || current.desiredSince !== account.desiredSince) return;
  const at = notBefore(tx.context.now, identity.decidedAt);
  await tx.access.saveAccount({ ...current, observed, observedAt: at, confirmedAt: null });
  if (isProof(identity.state)) await tx.readings.add([readingOf(tx, current, observed, false, at)]);
  tx.audit.record({
    action: 'account.changedThere',
    subjectKind: 'account',
    subjectId: account.id,
    identityId: account.identityId,
    reason: { target: account.target, wanted: account.desired.state, confirmedAt: account.confirmedAt, enabled: observed?.enabled ?? null },
  });
}

/** Brings the operations to what really differs, seen now. @returns those that are open, in order */
async function agree(
  tx: Transaction,
  account: StoredAccount,
  observed: ObservedAccount | null,
  managed: ReadonlySet<string>,
): Promise<readonly StoredOperation[]> {
  const adopted = changesWanted(account, observed, managed);
  const open = await tx.access.openOperations(account.id);
  for (const operation of open.filter(({ change }) => !adopted.some((wanted) => sameChange(wanted, change)))) {
    await finish(tx, operation, { already: true });
  }
  const given = await tx.access.givenUpSince(account.id, account.desiredSince);
  const steps: StoredOperation[] = [];
  for (const [position, change] of adopted.entries()) {
    if (given.some((operation) => sameChange(operation.change, change))) continue;
    const known = open.find((operation) => sameChange(operation.change, change));
    if (known !== undefined) {
      steps.push({ ...known, change });
      continue;
    }
    const found: StoredOperation = {
      id: randomUUID(),
      identityId: account.identityId,
      accountId: account.id,
      target: account.target,
      change,
      status: 'pending',
      attempts: 0,
      lastError: null,
      createdAt: tx.context.now,
      finishedAt: null,
      correlationId: tx.context.correlationId,
      position,
      reason: { found: 'the target differed from what was last seen there' },
    };
    await tx.access.insertOperations([found]);
    steps.push(found);
  }
  return steps;
}

/** @returns null when done, 'stop' when nothing after it makes sense, 'failed' when the others can go on */
async function perform(
  dependencies: ApplyDependencies,
  input: ApplyInput,
  connector: TargetConnector,
  account: StoredAccount,
  operation: StoredOperation,
  observed: ObservedAccount | null,
): Promise<null | 'stop' | 'failed'> {
  const { store, meter } = dependencies;
  try {
    const created = await change(connector, account, operation.change, observed);
    await store.transaction(input.context, async (tx) => {
      // A decision at this moment wants something else of the account: without the turn, what it wants would be written over.
      if (created !== null) await tx.identities.lock(input.identityId);
      if (created !== null)
        await tx.access.saveAccount({ ...(await accountOf(tx, input)), nativeId: created.nativeId, observed: created, observedAt: input.context.now });
      await attempted(tx, operation, null);
      await finish(tx, operation, {});
    });
    meter.operation(input.target, operation.change.kind, 'done');
    return null;
  } catch (error) {
    const known = error instanceof DomainError ? error : null;
    await store.transaction(input.context, (tx) => attempted(tx, operation, known));
    meter.operation(input.target, operation.change.kind, known === null || known.retryable ? 'retried' : 'refused');
    if (known === null || known.retryable) throw error;
    // What was looked at a moment ago has changed: look again, and only believe it when it stays so.
    if ((known.code === 'ACCOUNT_NOT_FOUND' || known.code === 'ACCOUNT_CONFLICT') && operation.attempts < 3)
      throw new NotConfirmed('the target changed while it was being worked on', { target: input.target }, { cause: known });
    await store.transaction(input.context, (tx) => waitForPerson(tx, operation, known));
    return operation.change.kind === 'create' ? 'stop' : 'failed';
  }
}

/** Reads back. @returns 'changed' when something newer is wanted meanwhile */
async function confirm(
  dependencies: ApplyDependencies,
  input: ApplyInput,
  connector: TargetConnector,
  managed: ReadonlySet<string>,
): Promise<'confirmed' | 'waiting' | 'changed'> {
  const { store, loop, meter } = dependencies;
  const before = await store.read((tx) => accountOf(tx, input));
  const found = await lookOrReport(dependencies, input, connector, before);
  const observed = found !== null && isForeign(loop, before, found) ? null : found;
  let closedSince: Instant | null = null;
  const settled = await store.transaction(input.context, async (tx) => {
    const identity = await tx.identities.lock(input.identityId);
    const account = await accountOf(tx, input);
    if (account.desiredSince !== before.desiredSince) return 'changed';
    const left = planAccount(account.desired, observed, managed);
    const waits = await waitingFor(tx, account, identity?.state ?? 'active');
    const isAsWanted = left.every((one) => waits.some((operation) => sameChange(operation.change, one)));
    const readAt = notBefore(input.context.now, identity?.decidedAt ?? null);
    const confirmedAt = left.length === 0 ? (account.confirmedAt ?? readAt) : null;
    await tx.access.saveAccount({ ...account, nativeId: observed?.nativeId ?? null, observed, observedAt: readAt, confirmedAt });
    if (!isAsWanted)
      throw new NotConfirmed('reading back does not show the change yet', { target: account.target, left: left.map(({ kind }) => kind).join(',') });
    if (identity !== null && isProof(identity.state)) await tx.readings.add([readingOf(tx, account, observed, left.length === 0, readAt)]);
    if (isEnding(identity?.state) && isOpen(account.observed) && !isOpen(observed)) closedSince = await closedEverywhereSince(tx, input.identityId);
    if (confirmedAt === null) return 'waiting';
    // A decision that came while this was done planned from what was seen before it.
    for (const operation of await tx.access.openOperations(account.id)) await finish(tx, operation, { already: true });
    if (account.confirmedAt === null) await confirmed(tx, account);
    return 'confirmed';
  });
  if (closedSince !== null) meter.endConfirmed(closedSince);
  return settled;
}

/** What is not done now, though it is wanted: for a person to judge, given up, or held. */
async function waitingFor(tx: Transaction, account: StoredAccount, state: LifecycleState): Promise<readonly StoredOperation[]> {
  const open = await tx.access.openOperations(account.id);
  const holds = await tx.holds.open(account.identityId);
  const waits = open.filter((operation) => operation.status === 'failed' || isHeldBack(holds, account, state, operation, tx.context.now));
  return [...waits, ...(await tx.access.givenUpSince(account.id, account.desiredSince))];
}

async function confirmed(tx: Transaction, account: StoredAccount): Promise<void> {
  tx.audit.record({
    action: 'account.confirmed',
    subjectKind: 'account',
    subjectId: account.id,
    identityId: account.identityId,
    reason: { target: account.target, state: account.desired.state, entitlements: account.desired.entitlements, wantedSince: account.desiredSince },
  });
  for (const key of [`end-not-confirmed/${account.id}`, `target-refuses/${account.target}`]) {
    await closeCase(tx, await tx.cases.openOfKey(key), 'confirmed');
  }
}
