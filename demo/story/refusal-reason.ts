import { auditEvents } from '../audit-events.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';
import { must } from '@tenure/testing/must.ts';

/** Why a login was refused, from the reference that the person was told. */
export async function refusalReason(reader: GraphqlClient, reference: string): Promise<string> {
  const [event] = await auditEvents(reader, { action: 'login.refused', correlationId: reference });
  must(event?.reason.reason !== undefined, `the audit does not know the refused login ${reference}`);
  return event.reason.reason;
}
