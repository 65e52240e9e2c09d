import type { Trigger } from '@tenure/domain';
import type { Transaction, Wave, WaveMember, WavePlan } from '@tenure/store';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';

/** Hands many people to one workflow. @returns `null` when there is nobody */
export async function openWave(
  tx: Transaction,
  trigger: Trigger,
  people: { readonly decided: readonly WaveMember[] } | 'everybody',
  version?: { readonly policyDigest: string; readonly plan: WavePlan },
): Promise<Wave | null> {
  const wave = await tx.waves.open(trigger, people, tx.context, version);
  if (wave !== null)
    tx.audit.record({ action: 'wave.opened', subjectKind: 'wave', subjectId: wave.id, identityId: null, reason: { trigger, people: wave.people } });
  return wave;
}

/**
 * Its people are forgotten; what was done stands with each of them. What waits for a person is not finished, nor what was approved while
 * this run came to its end. Safe to repeat.
 * @returns `again`: something of it is still to be carried out
 */
export async function finishWave(tx: Transaction, waveId: string): Promise<{ readonly again: boolean }> {
  const wave = await tx.waves.lock(waveId);
  if (wave === null || wave.finishedAt !== null || wave.standing !== 'free') return { again: false };
  const tallyOf = async () => (await tx.batchItems.tally([waveId])).get(waveId);
  if (wave.source !== null && ((await tallyOf())?.pending ?? 0) > 0) return { again: true };
  // Everybody was asked: for whoever is left nothing changes.
  if (wave.source === null) await tx.batchItems.settleRest(waveId, 'fell-away', 'no-change', tx.context.now);
  await tx.waves.finished(waveId, tx.context.now);
  const { carriedOut = 0, fellAway = 0 } = (await tallyOf()) ?? {};
  tx.audit.record({ action: 'wave.finished', subjectKind: 'wave', subjectId: waveId, identityId: null, reason: { people: wave.people, carriedOut, fellAway } });
  return { again: false };
}

/** From this many people on, one workflow for all of them is less than one for each. */
const fromPeople = 10;

/** Tells Temporal, once this transaction commits, of everybody for whom something is to be done. Leavers have their own lives at once. */
export async function wakeMany(tx: Transaction, decisions: ReadonlyMap<string, Decision>, trigger: Trigger): Promise<void> {
  const changed = [...decisions].filter(([, decision]) => decision.changed);
  const leaving = changed.filter(([, { stage }]) => stage === 'leaving');
  const others = changed.filter(([, { stage }]) => stage !== 'leaving');
  for (const [identityId] of leaving) await wake(tx, identityId, trigger, true);
  if (others.length < fromPeople) for (const [identityId] of others) await wake(tx, identityId, trigger);
  else await openWave(tx, trigger, { decided: others.map(([identityId, { dateChanged }]) => ({ identityId, mustWake: dateChanged === true })) });
}
