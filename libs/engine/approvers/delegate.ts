import { randomUUID } from 'node:crypto';
import { DELEGATED_KINDS, type DelegatedKind, type Delegation, Forbidden, InputInvalid, type Instant } from '@tenure/domain';
import type { StoredDelegation, Transaction } from '@tenure/store';
import { notificationOfDelegation } from '../requests/notify-request.ts';
import { isThere } from './related-person.ts';

/** A delegation as it is requested. */
export interface WantedDelegation {
  readonly fromId: string;
  /** `null`: no person matches the value that was given. */
  readonly toId: string | null;
  /** `null`: now. */
  readonly validFrom: Instant | null;
  readonly validUntil: Instant;
  readonly reason: string;
  readonly kinds: readonly DelegatedKind[];
}

/** Milliseconds. A longer absence needs another arrangement than a delegation. */
const longest = 366 * 24 * 3600 * 1000;
/** Maximum number of current and future delegations of one person. */
const most = 20;

/**
 * Lets somebody else answer for a time. Open cases and approvals move at once, new ones go to the deputy, and all of them return at the end.
 * @throws InputInvalid
 */
export async function delegate(tx: Transaction, { fromId, toId, reason, kinds, ...time }: WantedDelegation): Promise<StoredDelegation> {
  const { now } = tx.context;
  const validFrom = time.validFrom === null || time.validFrom < now ? now : time.validFrom;
  const { validUntil } = time;
  if (validUntil <= validFrom) throw new InputInvalid('until must be later than from, and in the future');
  if (Date.parse(validUntil) - Date.parse(now) > longest) throw new InputInvalid('until must lie within a year');
  // One at a time: of two that overlap it would be unclear who the deputy is.
  await tx.identities.lock(fromId);
  const to = toId === null ? null : await tx.identities.get(toId);
  if (toId === null || to === null || toId === fromId || !isThere(to, now))
    throw new InputInvalid('to: the deputy must be another person who is active', toId === null ? {} : { toId });
  const running = await tx.delegations.givenBy([fromId], now);
  const overlapping = running.find((one) => one.validFrom < validUntil && validFrom < one.validUntil && one.kinds.some((kind) => kinds.includes(kind)));
  if (overlapping !== undefined) throw new InputInvalid('from, until: another delegation runs at that time; revoke it first', { delegationId: overlapping.id });
  if (running.length >= most) throw new InputInvalid(`at most ${most} delegations at a time`);
  if (kinds.length === 0) throw new InputInvalid('kinds must name at least one kind, or be left out for all');
  const delegation: StoredDelegation = {
    id: randomUUID(),
    fromId,
    toId,
    validFrom,
    validUntil,
    kinds: DELEGATED_KINDS.filter((kind) => kinds.includes(kind)),
    reason,
    createdAt: now,
    revokedAt: null,
  };
  await tx.delegations.insert(delegation);
  auditDelegation(tx, 'delegation.given', delegation, reason);
  await tx.notifications.add(notificationOfDelegation(delegation));
  await handOver(tx, delegation);
  return delegation;
}

/** Ends a delegation early: by the person who gave it, its deputy, or an operator. @throws Forbidden also when there is none */
export async function revokeDelegation(tx: Transaction, id: string, by: { readonly id: string; readonly isOperator: boolean }): Promise<StoredDelegation> {
  const known = await tx.delegations.get(id);
  if (known === null || !(by.isOperator || known.fromId === by.id || known.toId === by.id))
    throw new Forbidden('Only the delegating person, the deputy and operators can revoke a delegation.');
  const { now } = tx.context;
  if (known.revokedAt !== null || known.validUntil <= now) return known;
  await tx.identities.lock(known.fromId);
  await tx.delegations.revoke(id, now);
  auditDelegation(tx, 'delegation.revoked', known);
  await handOver(tx, known);
  return { ...known, revokedAt: now };
}

/** Resolves the approvers of open requests and cases again, where one of the two or one of their deputies is an approver. */
async function handOver(tx: Transaction, { fromId, toId }: Delegation): Promise<void> {
  const { now, correlationId } = tx.context;
  const ids = new Set([fromId, toId]);
  for (let next: readonly string[] = [toId]; next.length > 0; ) {
    const further = (await tx.delegations.givenBy(next, now)).map((one) => one.toId).filter((id) => !ids.has(id));
    for (const id of further) ids.add(id);
    next = further;
  }
  await tx.requests.wakeAbout([...ids], correlationId, now);
  await tx.cases.tendAbout([...ids], now);
}

function auditDelegation(tx: Transaction, action: 'delegation.given' | 'delegation.revoked', delegation: Delegation, reason?: string): void {
  const { id, fromId, toId, kinds, validFrom, validUntil } = delegation;
  tx.audit.record({
    action,
    subjectKind: 'delegation',
    subjectId: id,
    identityId: fromId,
    reason: { from: fromId, to: toId, kinds, validFrom, validUntil },
    ...(reason === undefined ? {} : { personal: { reason } }),
  });
}
