import { type AccessDecision, type EndedWith, endOfTime, type Instant, isSameTime } from '@tenure/domain';
import type { AuditEntry, Person, RequestItem, StoredSeparationException } from '@tenure/store';
import type { ChangedException, Effects } from './effects.ts';
import { exceptionEvent } from '../separation/exception-event.ts';

/** Result for an approved request item or SoD exception, which ends with the person's last relationship. */
type Outcome =
  | { readonly kind: 'ends' | 'waits'; readonly endedWith: EndedWith | null; readonly why: string }
  /** It has expired, or is restored since the person's relationship continues after all. */
  | { readonly kind: 'over' | 'restored' };

type TimeEffects = Pick<Effects, 'items' | 'exceptions' | 'sessionsEnd' | 'audit'>;

const none: TimeEffects = { items: [], exceptions: [], sessionsEnd: null, audit: [] };

/**
 * Requested access and SoD exceptions end when they expire and with the person's last relationship. They are restored where the record that
 * stated the end states that there was none; a rehire has to request access again. Sessions end with break-glass access.
 */
export function endWithTime(person: Person, decision: AccessDecision, now: Instant): TimeEffects {
  const all = [
    ...person.requested.map((item) => endItem(item, outcomeOf(item, decision, now), now)),
    ...person.exceptions.map((one) => endException(one, outcomeOf(one, decision, now))),
  ];
  return {
    items: all.flatMap(({ items }) => items),
    exceptions: all.flatMap(({ exceptions }) => exceptions),
    sessionsEnd: all.find(({ sessionsEnd }) => sessionsEnd !== null)?.sessionsEnd ?? null,
    audit: all.flatMap(({ audit }) => audit),
  };
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

function endException(one: StoredSeparationException, outcome: Outcome | null): TimeEffects {
  const { id, endedWith = null } = one;
  const changed = (to: ChangedException['endedWith'], ...audit: readonly AuditEntry[]): TimeEffects => ({
    ...none,
    exceptions: [{ id, endedWith: to }],
    audit,
  });
  switch (outcome?.kind) {
    case 'restored':
      return changed('restored', exceptionEvent('separation.exceptionRestored', one, {}));
    case 'over':
      return endedWith === null ? none : changed('for good');
    case 'waits':
      return changed(outcome.endedWith ?? 'for good');
    case 'ends':
      return changed(outcome.endedWith ?? 'for good', exceptionEvent('separation.exceptionEnded', one, { why: outcome.why }));
    case undefined:
      return none;
  }
}

function endItem(item: RequestItem, outcome: Outcome | null, now: Instant): TimeEffects {
  const { id, isBreakGlass, reason, endedWith = null, endedAt } = item;
  const changed = (to: Omit<TimeEffects['items'][number], 'id'>): TimeEffects => ({ ...none, items: [{ id, ...to }] });
  const end = (why: string, endsWith: EndedWith | null): TimeEffects => ({
    // A grant that was taken as break-glass access can only be taken again; other access has to be requested.
    ...changed({ status: 'ended', reason: why, endedAt: now, endedWith: isBreakGlass ? null : endsWith }),
    sessionsEnd: isBreakGlass ? 'break-glass access has ended' : null,
    audit: [itemEvent('request.ended', item, why)],
  });
  switch (outcome?.kind) {
    case 'restored':
      return {
        ...changed({ status: 'approved', reason: null, endedAt: null, endedWith: null }),
        audit: [itemEvent('request.restored', item, 'the end was taken back')],
      };
    case 'over':
      return endedWith === null ? end('expired', null) : changed({ status: 'ended', reason, endedAt, endedWith: null });
    case 'waits':
      return changed({ status: 'ended', reason, endedAt, endedWith: outcome.endedWith });
    case 'ends':
      return end(outcome.why, outcome.endedWith);
    case undefined:
      return none;
  }
}

function itemEvent(action: 'request.ended' | 'request.restored', { id, requestId, identityId, kind, name }: RequestItem, why: string): AuditEntry {
  return { action, subjectKind: 'request', subjectId: requestId, identityId, reason: { itemId: id, kind, name, why } };
}
