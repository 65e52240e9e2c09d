import { type AuditAction, type AccessDecision, type EndedWith, endOfTime, type Instant, isSameTime } from '@tenure/domain';
import type { Audit, Person, RequestItem, StoredSeparationException } from '@tenure/store';
import type { PendingChanges } from './pending-changes.ts';
import { tellException } from '../separation/tell-exception.ts';

/** Result for an approved request item or SoD exception, which ends with the person's last relationship. */
type Outcome =
  | { readonly kind: 'ends' | 'waits'; readonly endedWith: EndedWith | null; readonly why: string }
  /** Its own time is over, or the person's goes on after all. */
  | { readonly kind: 'over' | 'restored' };

/**
 * Requested access and SoD exceptions end when they expire and with the person's last relationship. They are restored where the record that
 * stated the end states that there was none; a rehire has to request access again.
 */
export function endWithTime(changes: PendingChanges, audit: Audit, person: Person, decision: AccessDecision, now: Instant): void {
  for (const item of person.requested) endItem(changes, audit, item, outcomeOf(item, decision, now), decision.lifecycle.state, now);
  for (const one of person.exceptions) endException(changes, audit, one, outcomeOf(one, decision, now));
}

/** @returns `null`: nothing */
function outcomeOf(
  { validUntil, endedWith: had = null }: { readonly validUntil: Instant | null; readonly endedWith?: EndedWith | null },
  { identity, lifecycle: { state } }: AccessDecision,
  now: Instant,
): Outcome | null {
  if (validUntil !== null && validUntil <= now) return { kind: 'over' };
  const hasLeft = state === 'left' || state === 'erased';
  if (had !== null) {
    if (isSameTime(identity, had, now)) return { kind: 'restored' };
    return hasLeft && had.hasLeft !== true ? { kind: 'waits', endedWith: { ...had, hasLeft }, why: state } : null;
  }
  const end = endOfTime(identity, now);
  if (end === null && !hasLeft) return null;
  return { kind: 'ends', endedWith: end === null ? null : { ...end, ...(hasLeft ? { hasLeft } : {}) }, why: state };
}

function endException({ changedExceptions }: PendingChanges, audit: Audit, one: StoredSeparationException, outcome: Outcome | null): void {
  const { id, endedWith = null } = one;
  switch (outcome?.kind) {
    case 'restored':
      changedExceptions.push({ id, endedWith: 'restored' });
      tellException({ audit }, 'separation.exceptionRestored', one, {});
      return;
    case 'over':
      if (endedWith !== null) changedExceptions.push({ id, endedWith: 'for good' });
      return;
    case 'waits':
    case 'ends':
      changedExceptions.push({ id, endedWith: outcome.endedWith ?? 'for good' });
      if (outcome.kind === 'ends') tellException({ audit }, 'separation.exceptionEnded', one, { why: outcome.why });
      return;
    case undefined:
  }
}

function endItem(
  { changedItems, sessionsOf }: PendingChanges,
  audit: Audit,
  item: RequestItem,
  outcome: Outcome | null,
  state: AccessDecision['lifecycle']['state'],
  now: Instant,
): void {
  const { id, requestId, identityId, kind, name, isBreakGlass, endedWith = null, endedAt } = item;
  const tell = (action: AuditAction, why: string): void => {
    audit.record({ action, subjectKind: 'request', subjectId: requestId, identityId, reason: { itemId: id, kind, name, why } });
  };
  const end = (reason: string, endsWith: EndedWith | null): void => {
    // Whoever is not active has none any more.
    if (isBreakGlass && state === 'active') sessionsOf.push({ identityId, reason: 'emergency access is over' });
    // What was taken in an emergency is taken again, or it was none.
    changedItems.push({ id, status: 'ended', reason, endedAt: now, endedWith: isBreakGlass ? null : endsWith });
    tell('request.ended', reason);
  };
  switch (outcome?.kind) {
    case 'restored':
      changedItems.push({ id, status: 'approved', reason: null, endedAt: null, endedWith: null });
      tell('request.restored', 'the end was taken back');
      return;
    case 'over':
      if (endedWith === null) end('its time is over', null);
      else changedItems.push({ id, status: 'ended', reason: item.reason, endedAt, endedWith: null });
      return;
    case 'waits':
      changedItems.push({ id, status: 'ended', reason: item.reason, endedAt, endedWith: outcome.endedWith });
      return;
    case 'ends':
      end(outcome.why, outcome.endedWith);
      return;
    case undefined:
  }
}
