import type { Decision } from '../decide-identity.ts';
import { wake } from '../take-record.ts';
import type { Transaction, Trigger, Wave, WaveMember } from '@tenure/store';

/** Hands many people to one workflow. @returns `null` when there is nobody */
export async function openWave(tx: Transaction, trigger: Trigger, people: { readonly decided: readonly WaveMember[] } | 'everybody'): Promise<Wave | null> {
  const wave = await tx.waves.open(trigger, people, tx.context);
  if (wave !== null)
    tx.audit.record({ action: 'wave.opened', subjectKind: 'wave', subjectId: wave.id, identityId: null, reason: { trigger, people: wave.people } });
  return wave;
}

/** Its people are forgotten; what was done stands with each of them. What turned out to wait for a person is not finished. Safe to repeat. */
export async function finishWave(tx: Transaction, waveId: string): Promise<void> {
  const wave = await tx.waves.get(waveId);
  if (wave === null || wave.finishedAt !== null || wave.standing === 'held') return;
  await tx.waves.finished(waveId, tx.context.now);
  tx.audit.record({ action: 'wave.finished', subjectKind: 'wave', subjectId: waveId, identityId: null, reason: { people: wave.people } });
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
