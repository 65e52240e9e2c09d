import { type AuditAction, type AuditReasons, newAuditContent } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';

/** The item in the reason of an event. */
interface AboutItem {
  readonly itemId: string;
  readonly kind: RequestItem['kind'];
  readonly name: string;
  readonly rule: string;
  readonly policyVersion: number;
  readonly stage: string | null;
}

/** Past tense of an audit action about an item. */
type ItemAction<A = AuditAction> = A extends `request.${infer Past}` & AuditAction ? (AuditReasons[A] extends AboutItem ? Past : never) : never;

/** Further parts of the reason. */
export type ItemEvent<P extends ItemAction> = Omit<AuditReasons[`request.${P}`], keyof AboutItem>;

/**
 * Audits an event of an item; the reason contains ids, rules and stages, never names.
 * @param personal text that a person wrote about it, kept with the key of the person it is about
 */
export function auditItem<P extends ItemAction>(
  tx: Transaction,
  past: P,
  item: RequestItem,
  more: ItemEvent<P>,
  personal?: Readonly<Record<string, unknown>>,
): void {
  const { id, requestId, identityId, kind, name, rule, policyVersion } = item;
  const stage = item.stages[item.stage]?.name ?? null;
  const about: AboutItem = { itemId: id, kind, name, rule, policyVersion, stage };
  const content = newAuditContent(`request.${past}`, about, more);
  tx.audit.record({ ...content, subjectKind: 'request', subjectId: requestId, identityId, ...(personal === undefined ? {} : { personal }) });
}

/** Signals the request's workflow, once this transaction commits. */
export async function wakeRequest(tx: Transaction, { id, identityId }: { readonly id: string; readonly identityId: string }): Promise<void> {
  const { correlationId, now } = tx.context;
  await tx.outbox.add({ identityId, requestId: id, trigger: 'decision', urgent: false, correlationId, createdAt: now });
}
