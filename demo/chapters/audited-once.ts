import { type AuditEventView, auditEvents } from '../audit-events.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import type { Stage } from '../stage.ts';

/** Waits until the audit has an event of a request or a case, and returns the first one. */
export function auditedOnce({ reader }: Stage, subjectId: string, action: string): Promise<AuditEventView> {
  return eventually(`${action} in the audit`, async () => (await auditEvents(reader, { subjectId, action }))[0] ?? null, 20_000);
}
