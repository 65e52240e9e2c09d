import { auditEvents } from '../audit-events.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';
import { must } from '@tenure/testing/must.ts';

/** Reason of a refused login, by the reference that was shown to the person. */
export async function refusalReason(reader: GraphqlClient, reference: string): Promise<string> {
  const [event] = await auditEvents(reader, { action: 'login.refused', correlationId: reference });
  must(event?.reason.reason !== undefined, `the audit does not know the refused login ${reference}`);
  return event.reason.reason;
}
