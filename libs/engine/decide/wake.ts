import type { Trigger } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Signals the identity lifecycle workflow, once this transaction commits, that there is work to do. */
export async function wake(tx: Transaction, identityId: string, trigger: Trigger, urgent = false): Promise<void> {
  await tx.outbox.add({ identityId, trigger, urgent, correlationId: tx.context.correlationId, createdAt: tx.context.now });
}
