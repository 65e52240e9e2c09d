import { type AuditEventView, auditEvents } from '../audit-events.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import type { Stage } from '../stage.ts';

/** Waits until the audit tells of something that happened to a request or a case, and gives the first time it did. */
export function auditedOnce({ reader }: Stage, subjectId: string, action: string): Promise<AuditEventView> {
  return eventually(`${action} in the audit`, async () => (await auditEvents(reader, { subjectId, action }))[0] ?? null, 20_000);
}
