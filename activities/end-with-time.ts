import { type AccessDecision, type EndedWith, endOfTime, type Instant, isSameTime } from '@tenure/domain';
import type { Audit, Person, RequestItem } from '@tenure/store';
import type { PendingChanges } from './pending-changes.ts';
import { tellException } from './separation/tell-exception.ts';

/** When the time of somebody is over, and with what: what ends with it comes back only with that same time. */
interface Over {
  readonly why: AccessDecision['lifecycle']['state'];
  /** `null`: nothing that could be corrected says so. */
  readonly endedWith: EndedWith | null;
}

/**
 * What was asked for, and what was allowed, ends with its own time and with the person's. It holds again where the record that said the
 * end says that there was none; who is hired anew asks anew.
 */
export function endWithTime(changes: PendingChanges, audit: Audit, person: Person, decision: AccessDecision, now: Instant): void {
  const over = overBy(decision, now);
  for (const item of person.requested) endItem(changes, audit, item, decision, over, now);
  for (const one of person.exceptions) {
    const { id, validUntil, endedWith = null } = one;
    const isOver = validUntil <= now;
    if (endedWith !== null && (isOver || isSameTime(decision.identity, endedWith, now))) {
      changes.changedExceptions.push({ id, endedWith: isOver ? 'for good' : 'restored' });
      if (!isOver) tellException({ audit }, 'separation.exceptionRestored', one, {});
    } else if (endedWith === null && over !== null && !isOver) {
      changes.changedExceptions.push({ id, endedWith: over.endedWith ?? 'for good' });
      tellException({ audit }, 'separation.exceptionEnded', one, { why: over.why });
    }
  }
}

function overBy({ identity, lifecycle }: AccessDecision, now: Instant): Over | null {
  const { state } = lifecycle;
  const endedWith = endOfTime(identity, now);
  return endedWith !== null || state === 'left' || state === 'erased' ? { why: state, endedWith } : null;
}

function endItem(
  { changedItems, sessionsOf }: PendingChanges,
  audit: Audit,
  item: RequestItem,
  { identity, lifecycle }: AccessDecision,
  over: Over | null,
  now: Instant,
): void {
  const { id, requestId, identityId, kind, name, isBreakGlass, endedWith: had = null } = item;
  const tell = (action: string, why: string): void => {
    audit.record({ action, subjectKind: 'request', subjectId: requestId, identityId, reason: { itemId: id, kind, name, why } });
  };
  const isOver = item.validUntil !== null && item.validUntil <= now;
  const ended = { id, status: 'ended', endedAt: item.endedAt ?? now } as const;
  if (had !== null) {
    if (isOver) changedItems.push({ ...ended, reason: item.reason, endedWith: null });
    else if (isSameTime(identity, had, now)) {
      changedItems.push({ id, status: 'approved', reason: null, endedAt: null, endedWith: null });
      tell('request.restored', 'the end was taken back');
    }
    return;
  }
  if (!isOver && over === null) return;
  const reason = isOver ? 'its time is over' : lifecycle.state;
  // Whoever is not active has none any more.
  if (isBreakGlass && lifecycle.state === 'active') sessionsOf.push({ identityId, reason: 'emergency access is over' });
  // What was taken in an emergency is taken again, or it was none.
  changedItems.push({ ...ended, reason, endedWith: isOver || isBreakGlass ? null : (over?.endedWith ?? null) });
  tell('request.ended', reason);
}
