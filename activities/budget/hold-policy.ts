import type { ChangeBudget, PolicyDocument } from '@tenure/domain';
import type { HeldWave, Transaction, WavePlan } from '@tenure/store';
import { askAboutWave, closeWaveCase } from './held-wave-case.ts';

/** A policy that is not in force, with what it would do to everybody. */
export interface WeighedPolicy {
  readonly document: PolicyDocument;
  /** SHA-256 of it. */
  readonly digest: string;
  readonly plan: WavePlan;
}

/** Keeps a policy that would change too much at once. The same again only renews its plan; another one takes its place. */
export async function holdPolicy(tx: Transaction, budget: ChangeBudget, { document, digest, plan }: WeighedPolicy): Promise<HeldWave> {
  const waiting = await tx.heldWaves.policiesWaiting();
  const { now: at, correlationId } = tx.context;
  for (const other of waiting.filter(({ policyDigest }) => policyDigest !== digest)) {
    await tx.heldWaves.discard(other.id, { by: 'tenure', reason: 'another policy took its place', at, correlationId });
    await closeWaveCase(tx, other, 'another policy took its place');
    tx.audit.record({
      action: 'wave.replaced',
      subjectKind: 'wave',
      subjectId: other.id,
      identityId: null,
      reason: { policy: other.policyDigest, by: digest },
    });
  }
  const known = waiting.find(({ policyDigest }) => policyDigest === digest);
  const wave = known ?? (await openHeld(tx, { document, digest, plan }));
  if (known !== undefined) await tx.heldWaves.savePlan(known.id, plan.people, plan);
  await askAboutWave(tx, budget, wave, plan);
  return { ...wave, plan };
}

async function openHeld(tx: Transaction, { document: policy, digest: policyDigest, plan }: WeighedPolicy): Promise<HeldWave> {
  const wave = await tx.heldWaves.open({ trigger: 'policy', source: null, people: plan.people, plan, policy, policyDigest }, tx.context);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: wave.id, identityId: null, reason: { trigger: 'policy', policy: policyDigest } });
  return wave;
}
