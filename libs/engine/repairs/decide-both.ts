import type { Transaction } from '@tenure/store';
import { decideIdentities } from '../decide/decide-identities.ts';
import type { Engine } from '../decide/engine.ts';
import { wake } from '../decide/wake.ts';

/** Decides again about the people of a repair and wakes their workflows: what they have, and who answers for them, may be another. */
export async function decideBoth(tx: Transaction, engine: Engine, identityIds: readonly string[]): Promise<void> {
  const decisions = await decideIdentities(tx, engine, identityIds, 'decision');
  for (const [identityId, { stage }] of decisions) await wake(tx, identityId, 'decision', stage === 'leaving');
  await tx.requests.wakeAbout(identityIds, tx.context.correlationId, tx.context.now);
  await tx.cases.tendAbout(identityIds, tx.context.now);
}
