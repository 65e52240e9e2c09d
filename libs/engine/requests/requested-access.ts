import type { RequestedAccess } from '@tenure/domain';
import type { RequestItem } from '@tenure/store';

/** Approved items as facts about the person, those that ended with the person's time as well. */
export function requestedAccess(items: readonly RequestItem[]): RequestedAccess[] {
  return items.flatMap(({ id, requestId, kind, name, validFrom, validUntil, exceptions, keptAt, isBreakGlass, endedWith = null }) =>
    validFrom === null || validUntil === null ? [] : [{ id, requestId, kind, name, validFrom, validUntil, exceptions, keptAt, isBreakGlass, endedWith }],
  );
}
