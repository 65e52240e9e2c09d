import type { HeldRecord, HeldWave, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import type { IncomingRecord, RecordChanges, TakenRecord } from '../take-record.ts';
import { askAboutWave, closeWaveCase } from './held-wave-case.ts';
import { judgeHeld, personOf } from './judge-records.ts';
import { wavePlan } from './wave-plan.ts';

/** What came of a record that would have been taken. The others have their answer: there is nothing of them to hold. */
const kept: readonly TakenRecord['outcome'][] = ['created', 'updated', 'ambiguous'];

/** Keeps records that would change too much at once, with their plan, for a person to decide. Nothing of them is in force. */
export async function holdRecords(tx: Transaction, loop: Loop, source: string, records: readonly RecordChanges[]): Promise<readonly TakenRecord[]> {
  const held = records.filter(({ taken }) => kept.includes(taken.outcome));
  const known = await tx.heldWaves.ofSource(source);
  const wave = known ?? (await openHeld(tx, source));
  await tx.heldWaves.drop(
    source,
    held.map(({ incoming }) => incoming.externalId),
  );
  await tx.heldWaves.add(wave.id, held.map(heldRecord), tx.context.now);
  for (const { incoming, taken } of held) tellHeld(tx, wave, incoming, taken);
  await refreshWave(tx, loop, wave);
  return records.map(({ taken }) => (kept.includes(taken.outcome) ? heldAnswer(taken.outcome === 'created' ? null : taken.identityId, wave.id) : taken));
}

/** What its records would do now, shown to whoever decides; without any left it is over. */
export async function refreshWave(tx: Transaction, loop: Loop, wave: HeldWave): Promise<HeldWave> {
  const people = await tx.heldWaves.people(wave.id);
  if (people.length === 0) {
    const { now: at, correlationId } = tx.context;
    const reason = 'newer records took the place of all of it';
    await tx.heldWaves.discard(wave.id, { by: 'tenure', reason, at, correlationId });
    await closeWaveCase(tx, wave, `answered itself: ${reason}`);
    tx.audit.record({ action: 'wave.replaced', subjectKind: 'wave', subjectId: wave.id, identityId: null, reason: { source: wave.source } });
    return wave;
  }
  const budget = (await loop.currentPolicy(tx)).document.budget ?? {};
  const plan = wavePlan(people, await judgeHeld(tx, budget, wave.source, people));
  await tx.heldWaves.savePlan(wave.id, people.length, plan);
  await askAboutWave(tx, budget, wave, plan);
  return { ...wave, people: people.length, plan };
}

export function heldAnswer(identityId: string | null, waveId: string): TakenRecord {
  const message = `held in wave ${waveId}: more would change at once than the budget allows, so a person decides`;
  return { outcome: 'held', identityId, recordId: null, linkedBy: null, message, waveId };
}

async function openHeld(tx: Transaction, source: string): Promise<HeldWave> {
  const wave = await tx.heldWaves.open({ trigger: 'record', source, people: 0, plan: { digest: '', people: 0, changes: [] } }, tx.context);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: wave.id, identityId: null, reason: { trigger: 'record', source } });
  return wave;
}

function heldRecord(record: RecordChanges): HeldRecord {
  const { externalId, source, version } = record.incoming;
  const { identityId, changes } = personOf(record);
  return { externalId, source, version, record: { ...record.incoming }, identityId, changes };
}

/** Whoever looks at the person sees that something was said and is not in force. */
function tellHeld(tx: Transaction, wave: HeldWave, { source, version, status }: IncomingRecord, { outcome, identityId }: TakenRecord): void {
  if (identityId === null || outcome === 'created') return;
  const reason = { source, version, status, waveId: wave.id };
  tx.audit.record({ action: 'record.held', subjectKind: 'identity', subjectId: identityId, identityId, reason });
}
