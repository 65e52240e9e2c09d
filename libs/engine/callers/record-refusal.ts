import type { Transaction } from '@tenure/store';
import type { Caller } from './caller.ts';

/** Writes into the audit that a caller was turned away. @param refused.caller `null`: nobody knows who it was */
export function recordRefusal(
  tx: Transaction,
  {
    requestId,
    caller,
    at,
    code,
    details,
  }: {
    readonly requestId: string;
    readonly caller: Caller | null;
    /** Requested field or route. */
    readonly at: string;
    readonly code: string;
    /** Ids of the objects of the request. */
    readonly details?: Readonly<Record<string, string>>;
  },
): void {
  tx.audit.record({
    action: 'access.refused',
    subjectKind: 'request',
    subjectId: requestId,
    identityId: caller?.personId ?? null,
    reason: { at, code, ...details },
  });
}
