import type { AuditAction } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';

/** Past tense of an audit action about a request. */
type RequestAction<A = AuditAction> = A extends `request.${infer Past}` ? Past : never;

/**
 * Writes into the audit what happened to an item; its words name ids, rules and stages, never people.
 * @param personal what a person wrote about it, kept with the key of whom it is about
 */
export function tellItem(
  tx: Transaction,
  action: RequestAction,
  item: RequestItem,
  more: Readonly<Record<string, unknown>> = {},
  personal?: Readonly<Record<string, unknown>>,
): void {
  const { id, requestId, identityId, kind, name, rule, policyVersion } = item;
  const stage = item.stages[item.stage]?.name ?? null;
  tx.audit.record({
    action: `request.${action}`,
    subjectKind: 'request',
    subjectId: requestId,
    identityId,
    reason: { itemId: id, kind, name, rule, policyVersion, stage, ...more },
    ...(personal === undefined ? {} : { personal }),
  });
}

/** Tells the request's workflow, once this transaction is through. */
export async function wakeRequest(tx: Transaction, { id, identityId }: { readonly id: string; readonly identityId: string }): Promise<void> {
  const { correlationId, now } = tx.context;
  await tx.outbox.add({ identityId, requestId: id, trigger: 'decision', urgent: false, correlationId, createdAt: now });
}
