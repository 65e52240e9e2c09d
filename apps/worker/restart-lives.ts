import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Store } from '@tenure/store';
import { wakeInbox, wakeLife, wakeRequest } from './dispatcher.ts';

const chunk = 50;

/**
 * Starts the workflow of every identity and request again that has pending or future work, from PostgreSQL: for the day when Temporal's store is
 * lost; open ends first. A workflow that runs already is only signalled again, so this is safe at any time.
 * @returns number of identity lifecycle workflows that were woken
 */
export async function restartLives(store: Store, client: Client): Promise<number> {
  const correlationId = randomUUID();
  const context = { actor: { kind: 'system', id: 'restart' }, correlationId, now: new Date().toISOString() } as const;
  await store.transaction(context, async (tx) => {
    await tx.batchRuns.restart();
    // The dispatcher hands these over at once, while the others follow one after the other.
    await tx.outbox.addOpenEnds(correlationId, context.now);
  });
  await restartRequests(store, client, correlationId);
  await wakeInbox(client, correlationId);
  let woken = 0;
  for (let after: string | null = null; ; ) {
    const ids: readonly string[] = await store.read((tx) => tx.identities.livesToRun(chunk, after));
    await Promise.all(ids.map((identityId) => wakeLife(client, { identityId, trigger: 'restart', correlationId, urgent: false })));
    woken += ids.length;
    after = ids.at(-1) ?? null;
    if (ids.length < chunk) return woken;
  }
}

async function restartRequests(store: Store, client: Client, correlationId: string): Promise<void> {
  for (let after: string | null = null; ; ) {
    const open = await store.read((tx) => tx.requests.open(chunk, after));
    await Promise.all(open.map(({ id, identityId }) => wakeRequest(client, { id, identityId, correlationId })));
    after = open.at(-1)?.id ?? null;
    if (open.length < chunk) return;
  }
}
