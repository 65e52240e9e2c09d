import type { ChangeBudget } from '@tenure/domain';
import type { HeldWave, Transaction, WavePlan } from '@tenure/store';
import { closeCase, openCase } from '../cases.ts';

/** Lines of the plan that the case itself shows; the wave has all of them. */
const mostLines = 12;

/** Asks whoever the policy names, or the operators; one that is open already only gets the newer plan. */
export async function askAboutWave(tx: Transaction, budget: ChangeBudget, wave: Pick<HeldWave, 'id' | 'trigger' | 'source'>, plan: WavePlan): Promise<void> {
  const { owner } = budget;
  await openCase(tx, {
    kind: 'change-budget',
    key: waveKey(wave),
    identityId: null,
    target: null,
    operationId: null,
    ownerId: owner?.kind === 'person' ? ((await tx.identities.byUserName(owner.userName))?.id ?? null) : null,
    evidence: {
      waveId: wave.id,
      trigger: wave.trigger,
      source: wave.source,
      digest: plan.digest,
      people: plan.people,
      holders: owner?.kind === 'holders' ? owner.name : null,
      changes: plan.changes.slice(0, mostLines),
    },
  });
}

/** Somebody has decided, or there is nothing left to decide. */
export async function closeWaveCase(tx: Transaction, wave: Pick<HeldWave, 'id'>, resolution: string): Promise<void> {
  await closeCase(tx, await tx.cases.openOfKey(waveKey(wave)), resolution);
}

/** Of the case by which a wave waits. */
export function waveKey({ id }: Pick<HeldWave, 'id'>): string {
  return `change-budget/${id}`;
}
