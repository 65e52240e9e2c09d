import type { Engine } from '../decide/engine.ts';
import { displayName, InputInvalid, type Instant, lookAgainAt, NotFound, reasonOf } from '@tenure/domain';
import type { AuditEvent, Reading, StoredAccount, StoredIdentity, StoredObservation, StoredOperation, Transaction } from '@tenure/store';
import { targetTitle } from '@tenure/config';
import { areOver, type CertifiedSession, certifiedSessions } from './certified-sessions.ts';
import { certifiedRuns, type CertifiedReconciliation } from './certified-runs.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Certified state of one account of a leaver. */
export interface CertifiedTarget {
  readonly target: string;
  /** Identity whose account it is: the person's, or one that was merged into it. */
  readonly identityId: string;
  readonly title: string;
  readonly wanted: 'enabled' | 'disabled' | 'absent';
  readonly wantedSince: Instant;
  /** `not-visible`: the target accepted all of it and cannot show some of it. */
  readonly outcome: 'not-confirmed' | 'protected' | 'not-visible' | 'confirmed' | 'confirmed-again';
  /** When reading back first confirmed it; `null`: it has not yet, or somebody has changed it since. */
  readonly confirmedAt: Instant | null;
  /** When it is read once more; `null`: that was done, or no second look is planned. */
  readonly lookAgainAt: Instant | null;
  /** Readings since the end; the oldest first. */
  readonly readings: readonly Pick<Reading, 'id' | 'at' | 'found' | 'entitlements' | 'isAsWanted'>[];
  /** Observations of the last read-back: existence, state, attributes and memberships. */
  readonly observations: readonly Pick<StoredObservation, 'aspect' | 'name' | 'verdict' | 'evidence' | 'readings' | 'since' | 'run'>[];
  /** Operations that could not be done, yet or ever. */
  readonly open: readonly Pick<CertifiedOperation, 'id' | 'change' | 'status' | 'attempts' | 'error'>[];
}

interface CertifiedOperation {
  readonly id: string;
  readonly change: StoredOperation['change']['kind'];
  readonly status: StoredOperation['status'];
  readonly attempts: number;
  readonly error: string | null;
}

/** User name that a person had beside the present one. */
export interface OtherUserName {
  readonly userName: string;
  readonly identityId: string;
  /** When it was released for others; `null`: it was not. */
  readonly releasedAt: Instant | null;
}

/** Certificate about a termination. Its JSON is signed. */
export interface LeaverCertificate {
  readonly kind: 'tenure-leaver-certificate/1';
  /** Public address of the installation. */
  readonly issuer: string;
  readonly issuedAt: Instant;
  readonly identityId: string;
  readonly userName: string;
  /** Other user names of the person: released ones, and those of identities that were merged into theirs. */
  readonly otherUserNames: readonly OtherUserName[];
  /** Identity into which this one was merged, and to which its accounts went on; `null`: it was not merged. */
  readonly mergedInto: string | null;
  readonly displayName: string;
  readonly state: StoredIdentity['state'];
  /** When the end was decided, which ended sessions and logins in the same transaction. */
  readonly endedAt: Instant;
  readonly why: string;
  readonly policyVersion: number | null;
  readonly sessionsEnded: number;
  /**
   * True if every target is confirmed, no second look is to come, reconciliation found no account that the person can use, and no session at an
   * application can be open.
   */
  readonly isComplete: boolean;
  readonly targets: readonly CertifiedTarget[];
  /** Sessions of the person at applications that ended with the termination, or might have outlasted it. */
  readonly applicationSessions: readonly CertifiedSession[];
  /** Findings of reconciliation about the person in each target, accounts under other names included. */
  readonly reconciliation: readonly CertifiedReconciliation[];
}

/**
 * Gathers what was confirmed about a leaver, when and by which read-back, and what could not be confirmed.
 * @throws NotFound
 * @throws InputInvalid when the person is not terminated
 */
export async function leaverCertificate(tx: Transaction, engine: Engine, identityId: string, now: Instant): Promise<LeaverCertificate> {
  const identity = await tx.identities.get(identityId);
  if (identity === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const { state, lifecycle } = identity;
  if (lifecycle === null || !isOver(state))
    throw new InputInvalid(`identityId: the person is ${state}, not terminated, so there is nothing to certify`, { identityId, state });
  const policy = await currentPolicy(tx, engine);
  const moves = await tx.audit.page({ identityId, action: 'identity.stateChanged' }, 100, null);
  const endedAt = moves.find(isEndOfTime)?.at ?? identity.decidedAt ?? now;
  const revoked = await tx.audit.page({ identityId, action: 'sessions.revoked' }, 100, null);
  // Accounts of identities that were merged into this one are the person's too.
  const ids = [identityId, ...((await tx.repairs.mergedInto([identityId])).get(identityId) ?? [])];
  const readings: Reading[] = [];
  for (const id of ids) readings.push(...(await tx.readings.ofIdentity(id)).filter(({ at }) => at >= endedAt));
  const operations = await tx.access.operationsOf(ids, 1000);
  const accounts = await tx.access.accountsOf(ids);
  const observations = await tx.observations.ofAccounts(accounts.map(({ id }) => id));
  const reconciliation = await certifiedRuns(tx, engine, { identityIds: ids, endedAt, accounts });
  const applicationSessions = await certifiedSessions(tx, engine, { identityIds: ids, endedAt });
  const targets = accounts.map((account): CertifiedTarget => {
    const { target, confirmedAt, notVisibleAt, observedAt } = account;
    const ofTarget = readings.filter(({ accountId }) => accountId === account.id);
    return {
      target,
      identityId: account.identityId,
      title: targetTitle(engine.configuration, target),
      wanted: account.desired.state,
      wantedSince: account.desiredSince,
      outcome: outcomeOf(account, ofTarget),
      confirmedAt,
      lookAgainAt: lookAgainAt({ lifecycle, policy, timeZone: identity.timeZone, confirmedAt: confirmedAt ?? notVisibleAt, observedAt }),
      readings: ofTarget.map(({ id, at, found, entitlements, isAsWanted }) => ({ id, at, found, entitlements, isAsWanted })),
      observations: observations.filter(({ accountId }) => accountId === account.id).map(seenOf),
      open: openOf(account, operations),
    };
  });
  return {
    kind: 'tenure-leaver-certificate/1',
    issuer: engine.configuration.url,
    issuedAt: now,
    identityId,
    userName: identity.userName,
    otherUserNames: await otherUserNames(tx, ids),
    mergedInto: identity.mergedInto ?? null,
    displayName: displayName(identity),
    state,
    endedAt,
    why: lifecycle.why,
    policyVersion: identity.policyVersion,
    sessionsEnded: sessionsEnded(revoked, endedAt),
    isComplete:
      targets.every((one) => one.confirmedAt !== null && one.lookAgainAt === null) &&
      !reconciliation.some(({ findings }) => findings.some(({ isUrgent }) => isUrgent)) &&
      areOver(applicationSessions, now),
    targets,
    applicationSessions,
    reconciliation,
  };
}

async function otherUserNames(tx: Transaction, ids: readonly string[]): Promise<readonly OtherUserName[]> {
  const merged = (await tx.identities.many(ids.slice(1))).map(({ id, userName }) => ({ userName, identityId: id, releasedAt: null }));
  const released = (await tx.repairs.releasedBy(ids)).map(({ userName, identityId, releasedAt }) => ({ userName, identityId, releasedAt }));
  return [...released, ...merged];
}

function isOver(state: unknown): boolean {
  return state === 'leaving' || state === 'left';
}

function seenOf({ aspect, name, verdict, evidence, readings, since, run }: StoredObservation): CertifiedTarget['observations'][number] {
  return { aspect, name, verdict, evidence, readings, since, run };
}

function outcomeOf({ confirmedAt, notVisibleAt, protectedAt }: StoredAccount, readings: readonly Reading[]): CertifiedTarget['outcome'] {
  if (confirmedAt === null && notVisibleAt === null) return protectedAt === null ? 'not-confirmed' : 'protected';
  if (confirmedAt === null) return 'not-visible';
  return readings.some(({ at, isAsWanted }) => isAsWanted && at > confirmedAt) ? 'confirmed-again' : 'confirmed';
}

function openOf({ id, desiredSince }: StoredAccount, operations: readonly StoredOperation[]): CertifiedTarget['open'] {
  const isOpen = ({ status, finishedAt }: StoredOperation): boolean =>
    status === 'pending' || status === 'failed' || (status === 'given-up' && finishedAt !== null && finishedAt >= desiredSince);
  return operations
    .filter((operation) => operation.accountId === id && isOpen(operation))
    .map(({ id: operationId, change, status, attempts, lastError }) => ({
      id: operationId,
      change: change.kind,
      status,
      attempts,
      error: lastError?.code ?? null,
    }));
}

function isEndOfTime(event: AuditEvent): boolean {
  const { from, to } = reasonOf(event, 'identity.stateChanged') ?? {};
  return isOver(to) && !isOver(from);
}

function sessionsEnded(events: readonly AuditEvent[], since: Instant): number {
  return events.filter(({ at }) => at >= since).reduce((sum, event) => sum + (reasonOf(event, 'sessions.revoked')?.count ?? 0), 0);
}
