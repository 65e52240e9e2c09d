import type { RequestedAccess } from '@tenure/domain';
import type { RequestItem } from '@tenure/store';

/** Approved items as facts about the person. */
export function requestedAccess(items: readonly RequestItem[]): RequestedAccess[] {
  return items.flatMap(({ id, requestId, kind, name, validFrom, validUntil, exceptions, keptAt, isBreakGlass }) =>
    validFrom === null || validUntil === null ? [] : [{ id, requestId, kind, name, validFrom, validUntil, exceptions, keptAt, isBreakGlass }],
  );
}
