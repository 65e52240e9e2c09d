import { CaseClosed, countKey, countWave, InputInvalid, NotFound, type PersonInWave, type WaveChangeKind, WaveChanged } from '@tenure/domain';
import type { ActContext, HeldRecord, HeldWave, Store, Transaction, WaveDecision } from '@tenure/store';
import type { Loop } from '../loop.ts';
import type { RecordChanges } from '../take-record.ts';
import { closeWaveCase } from './held-wave-case.ts';
import { refreshWave } from './hold-records.ts';
import { judgeHeld, personOf } from './judge-records.ts';
import { rehearse, rehearsedTogether } from './rehearse.ts';
import { wavePlan } from './wave-plan.ts';

/** Which part of a held wave is released; without either, all of it. */
export interface WavePart {
  /** Only these people. */
  readonly identityIds?: readonly string[];
  /** Only records that do nothing but this. */
  readonly kinds?: readonly WaveChangeKind[];
}

export interface WaveRelease {
  /** Of the plan that was looked at. */
  readonly digest: string;
  readonly reason: string;
  readonly part: WavePart;
}

interface Dependencies {
  readonly store: Store;
  readonly loop: Loop;
}

/**
 * Lets a held wave, or part of it, go on. It is planned anew first: what would do more than was shown is shown again instead.
 * @throws WaveChanged when the plan is another one by now
 * @throws CaseClosed when it was decided before
 */
export async function releaseWave({ store, loop }: Dependencies, context: ActContext, id: string, release: WaveRelease): Promise<HeldWave> {
  const wave = await store.read(async (tx) => mustWait(await tx.heldWaves.get(id), id));
  if (wave.policyDigest !== null) return releasePolicy({ store, loop }, context, wave, release);
  const chosen = await chosenOf(store, wave, release.part);
  if (chosen.length === 0) throw new InputInvalid('there is nothing in this part of the wave', { waveId: id });
  await mustDoAsShown({ store, loop }, context, wave, chosen);
  return store.transaction(context, async (tx) => {
    const locked = mustWait(await tx.heldWaves.lock(id), id);
    mustBeSeen(locked, release.digest);
    const decision = decisionOf(tx, release.reason);
    const reason = { source: wave.source, digest: release.digest, records: chosen.length, of: locked.people };
    if (chosen.length === locked.people) {
      await tx.heldWaves.release(id, decision);
      await closeWaveCase(tx, locked, 'released');
      tell(tx, 'wave.released', id, reason);
      return { ...locked, standing: 'free' };
    }
    const people = chosen.map(({ externalId, identityId, changes }) => ({ key: identityId ?? externalId, identityId, changes }));
    const plan = wavePlan(people, await judgeHeld(tx, (await loop.currentPolicy(tx)).document.budget ?? {}, wave.source, people));
    const externalIds = chosen.map(({ externalId }) => externalId);
    tell(tx, 'wave.released', id, { ...reason, as: await tx.heldWaves.releasePart(locked, externalIds, plan, decision) });
    return refreshWave(tx, loop, locked);
  });
}

/** Forgets what waits: as if it had never been said. What the sources say from now on counts as ever. @throws CaseClosed when it was decided before */
export async function discardWave({ store }: Dependencies, context: ActContext, id: string, reason: string): Promise<HeldWave> {
  return store.transaction(context, async (tx) => {
    const wave = mustWait(await tx.heldWaves.lock(id), id);
    await tx.heldWaves.discard(id, decisionOf(tx, reason));
    await closeWaveCase(tx, wave, 'discarded');
    tell(tx, 'wave.discarded', id, { source: wave.source, policy: wave.policyDigest, people: wave.people });
    return { ...wave, standing: 'discarded' };
  });
}

function mustWait(wave: HeldWave | null, id: string): HeldWave {
  if (wave === null) throw new NotFound(`there is no wave ${id} that waits for a decision`, { waveId: id });
  if (wave.standing !== 'held') throw new CaseClosed('the wave does not wait any more: there is nothing to decide', { waveId: id, standing: wave.standing });
  return wave;
}

function mustBeSeen({ id, plan }: HeldWave, digest: string): void {
  if (plan.digest !== digest) throw new WaveChanged('the wave is not what that digest stands for: look at its plan again', { waveId: id, digest: plan.digest });
}

async function chosenOf(store: Store, wave: HeldWave, { identityIds, kinds }: WavePart): Promise<readonly HeldRecord[]> {
  const all = await store.read((tx) => tx.heldWaves.records(wave.id, null, wave.people));
  const people = identityIds && new Set(identityIds);
  return all.filter(
    ({ identityId, changes }) =>
      (people === undefined || (identityId !== null && people.has(identityId))) && (kinds === undefined || changes.every(({ kind }) => kinds.includes(kind))),
  );
}

async function mustDoAsShown({ store, loop }: Dependencies, context: ActContext, wave: HeldWave, chosen: readonly HeldRecord[]): Promise<void> {
  const found: RecordChanges[] = [];
  for (let from = 0; from < chosen.length; from += rehearsedTogether)
    found.push(...(await rehearse({ store, loop }, context, chosen.slice(from, from + rehearsedTogether))));
  const shown = new Map(countWave(chosen.map(asPerson)).map((count) => [countKey(count), count.people]));
  const more = countWave(found.map(personOf)).some((count) => count.people > (shown.get(countKey(count)) ?? 0));
  if (!more) return;
  const known = new Map(found.map((record) => [record.incoming.externalId, personOf(record)]));
  const renewed = chosen.map((record) => ({ ...record, ...known.get(record.externalId) }));
  const { plan } = await store.transaction(context, async (tx) => {
    const locked = mustWait(await tx.heldWaves.lock(wave.id), wave.id);
    await tx.heldWaves.add(wave.id, renewed, tx.context.now);
    return refreshWave(tx, loop, locked);
  });
  throw new WaveChanged('it would do more by now than was shown: look at its plan again', { waveId: wave.id, digest: plan.digest });
}

function asPerson({ externalId, identityId, changes }: HeldRecord): PersonInWave {
  return { key: identityId ?? externalId, identityId, changes };
}

async function releasePolicy({ store, loop }: Dependencies, context: ActContext, wave: HeldWave, { digest, reason, part }: WaveRelease): Promise<HeldWave> {
  if (part.identityIds !== undefined || part.kinds !== undefined) throw new InputInvalid('a policy version is released whole, or not', { waveId: wave.id });
  const { document, policyDigest } = { document: wave.policy, policyDigest: wave.policyDigest };
  if (document === null || policyDigest === null) throw new NotFound(`wave ${wave.id} holds no policy`, { waveId: wave.id });
  const renewed = await store.transaction(context, async (tx) => {
    const locked = mustWait(await tx.heldWaves.lock(wave.id), wave.id);
    mustBeSeen(locked, digest);
    const plan = await loop.weighPolicy(tx, document);
    if (plan.changes.some(({ people, ...count }) => people > (locked.plan.changes.find((one) => countKey(one) === countKey(count))?.people ?? 0))) {
      await tx.heldWaves.savePlan(wave.id, locked.people, plan);
      return plan;
    }
    await loop.putInForce(tx, document, policyDigest);
    await tx.heldWaves.done(wave.id, decisionOf(tx, reason));
    await closeWaveCase(tx, locked, 'released');
    tell(tx, 'wave.released', wave.id, { policy: policyDigest, digest });
    return null;
  });
  if (renewed !== null) throw new WaveChanged('it would do more by now than was shown: look at its plan again', { waveId: wave.id, digest: renewed.digest });
  return { ...wave, standing: 'free' };
}

function decisionOf({ context: { actor, now, correlationId } }: Transaction, reason: string): WaveDecision {
  return { by: `${actor.kind} ${actor.id}`, reason, at: now, correlationId };
}

function tell(tx: Transaction, action: string, id: string, reason: Readonly<Record<string, unknown>>): void {
  tx.audit.record({ action, subjectKind: 'wave', subjectId: id, identityId: null, reason });
}
