import { randomUUID } from 'node:crypto';
import { type Change, type DomainError, isStillPlanned, NotConfirmed, sameChange, sharedRefusal, withoutStopped } from '@tenure/domain';
import type { ActContext, StoredAccount, StoredOperation } from '@tenure/store';
import type { Refusal, Worked } from './worked.ts';

/** Result of one operation in a run. `isNew`: the operation was not planned before, since the difference was not known. */
export interface OperationResult {
  readonly operation: StoredOperation;
  readonly isNew: boolean;
  /** `already`: nothing had to be done; `accepted`: it was, and shows; `tried`: the result of the attempt is `error`; `open`: it waits, untried. */
  readonly outcome: 'already' | 'accepted' | 'tried' | 'open';
  readonly error: DomainError | null;
}

/**
 * Operations of an account after a run. An operation counts as done when a read-back shows it, or when nobody could read back after the target had
 * accepted it; never because it was sent.
 * @param known those that wait, have failed or were abandoned, with their present status
 */
export function operationResults(
  worked: Worked,
  account: StoredAccount,
  known: readonly StoredOperation[],
  { now, correlationId }: ActContext,
): readonly OperationResult[] {
  const open = known.filter(({ status }) => status !== 'given-up');
  const results = new Map<string, OperationResult>();
  const add = (result: OperationResult): void => void results.set(result.operation.id, result);
  const fresh = (change: Change): StoredOperation => ({
    id: randomUUID(),
    identityId: account.identityId,
    accountId: account.id,
    target: account.target,
    change,
    status: 'pending',
    attempts: 0,
    lastError: null,
    createdAt: now,
    finishedAt: null,
    correlationId,
    position: results.size,
    reason: { found: 'the target differed from what was last seen there' },
  });
  /** The operation that carries out a change; of an update, one that waits rather than one that was refused for another attribute. */
  const carrying = (change: Change): { operation: StoredOperation; isNew: boolean } => {
    const alike = open.filter((one) => sameChange(one.change, change) && !results.has(one.id));
    const operation = alike.find(({ status }) => status === 'pending') ?? alike.find((one) => isStillPlanned(one.change, [change]));
    return operation === undefined ? { operation: fresh(change), isNew: true } : { operation, isNew: false };
  };
  const { conclusion, found, failure } = worked;
  const tried = (change: Change, error: DomainError, isFinal: boolean): void => {
    const { operation, isNew } = carrying(change);
    const { reason } = error.details;
    // One that is retried because there was no answer still waits for the change that was refused before.
    const about = isFinal ? sharedRefusal(change, error) : (operation.lastError?.about ?? null);
    const lastError = { code: error.code, message: error.message, at: now, ...(reason === undefined ? {} : { reason }), ...(about === null ? {} : { about }) };
    const status = isFinal ? 'failed' : 'pending';
    add({ operation: { ...operation, change, status, attempts: operation.attempts + 1, lastError }, isNew, outcome: 'tried', error });
  };
  const done = (change: Change): void => {
    const { operation, isNew } = carrying(change);
    add({ operation: { ...operation, change, status: 'done', finishedAt: now, attempts: operation.attempts + 1 }, isNew, outcome: 'accepted', error: null });
  };

  for (const change of worked.made) {
    const left = conclusion === null ? [] : onlyPart(change, conclusion.left);
    const withoutEffect = conclusion === null ? [] : onlyPart(change, conclusion.withoutEffect);
    const shown = withoutStopped([change], left);
    for (const one of shown) done(one);
    const said = worked.unheeded.find((one) => one.change === change)?.error.message;
    for (const one of withoutEffect) tried(one, hasNoEffect(account.target, one, said), true);
    for (const one of withoutStopped(left, withoutEffect)) tried(one, notShownYet(account.target, said), false);
  }
  for (const refusal of worked.refused) if (!isMoot(worked, refusal.change)) tried(refusal.change, refusal.error, isAboutAccount(worked, refusal));
  if (failure !== null && typeof failure.during !== 'string') tried(failure.during, failure.error, false);
  const differing = conclusion?.left ?? found?.changes;
  if (differing !== undefined) {
    for (const operation of open) {
      const isOver = !results.has(operation.id) && !isStillWanted(operation, differing);
      if (isOver) add({ operation: { ...operation, status: 'done', finishedAt: now }, isNew: false, outcome: 'already', error: null });
    }
    for (const change of worked.suspended) {
      const { operation, isNew } = carrying(change);
      if (isNew) add({ operation, isNew, outcome: 'open', error: null });
    }
  }
  return [...results.values()];
}

/** True if a refused change is not needed any more: what was to be changed is as desired, or gone. */
function isMoot({ conclusion }: Worked, change: Change): boolean {
  return conclusion !== null && !isStillPlanned(change, conclusion.left);
}

/**
 * True if a refusal is the target's answer about the account as it is. Where the account has vanished meanwhile, or was not read back afterwards, it may be
 * about an account that no longer exists, and says nothing about the one that is created next.
 */
function isAboutAccount({ conclusion, observed }: Worked, { change, error }: Refusal): boolean {
  if (change.kind === 'create') return true;
  if (conclusion !== null) return observed !== null;
  // An account of others, and a state that stays otherwise than it is looked at, need no read-back.
  return error.code === 'ACCOUNT_CONFLICT' || error.code === 'ACCOUNT_NOT_FOUND';
}

/** The part of a change that is among others: of an update its attributes, of anything else all or nothing. */
function onlyPart(change: Change, others: readonly Change[]): readonly Change[] {
  return others.flatMap((other): Change[] => {
    if (!sameChange(change, other)) return [];
    if (change.kind !== 'update' || other.kind !== 'update') return [other];
    const attributes = Object.fromEntries(Object.entries(other.attributes).filter(([name]) => Object.hasOwn(change.attributes, name)));
    return Object.keys(attributes).length > 0 ? [{ kind: 'update', attributes }] : [];
  });
}

/**
 * True if an operation is still needed: one that waits is carried out by any change of its kind, one that was refused only while the same change is
 * desired.
 */
function isStillWanted({ status, change }: StoredOperation, changes: readonly Change[]): boolean {
  return status === 'failed' ? isStillPlanned(change, changes) : changes.some((one) => sameChange(one, change));
}

/** @param said message of the target itself */
function notShownYet(target: string, said = `${target}: it was accepted, and does not show when the account is read back`): NotConfirmed {
  return new NotConfirmed(said, { target });
}

function hasNoEffect(target: string, change: Change, said?: string): NotConfirmed {
  if (said !== undefined) return new NotConfirmed(said, { target });
  const what =
    'attributes' in change ? `attribute ${Object.keys(change.attributes).join(', ')}` : 'entitlement' in change ? `group ${change.entitlement}` : change.kind;
  return new NotConfirmed(`${target}: it accepts ${what} and keeps something else; see the case of the target`, { target });
}
