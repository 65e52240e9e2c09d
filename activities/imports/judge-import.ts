import { countWave, judgeWave, LOSING_KINDS, type PersonInWave } from '@tenure/domain';
import type { ActContext, HeldRecord, Store, Transaction, Wave } from '@tenure/store';
import { openCase } from '../cases.ts';
import { refreshWave } from '../budget/hold-records.ts';
import { personOf, windowStart } from '../budget/judge-records.ts';
import { rehearse, rehearsedTogether } from '../budget/rehearse.ts';
import { wavePlan } from '../budget/wave-plan.ts';
import type { Loop } from '../loop.ts';

interface Dependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly context: () => ActContext;
  readonly say: (progress: number) => void;
}

/** People who have vanished that a case names. */
const mostExamples = 20;

/**
 * Holds all that an import says against the change budget, before anything of it is in force: each part is tried and undone, then all of
 * them are judged together. Safe to repeat.
 * @returns whether it goes on by itself
 */
export async function judgeImport(dependencies: Dependencies, wave: Wave & { readonly source: string }): Promise<boolean> {
  const { store, loop, context } = dependencies;
  const people = await tryAll(dependencies, wave.id);
  const vanished = people.filter(({ hasVanished }) => hasVanished);
  return store.transaction(context(), async (tx) => {
    const budget = (await loop.currentPolicy(tx)).document.budget ?? {};
    const counts = countWave(people);
    const externalIds = people.map(({ externalId }) => externalId);
    const earlier = await tx.budgets.usedBy(wave.source, windowStart(budget, tx.context.now), externalIds);
    const judged = judgeWave(counts, budget, { earlier, populations: await tx.budgets.populations() });
    await tx.heldWaves.drop(wave.source, externalIds);
    if (judged.some(({ isOver }) => isOver)) {
      await hold(tx, loop, wave);
      return false;
    }
    const uses = people.flatMap(({ key, changes }) => changes.map((change) => ({ ...change, person: key })));
    await tx.budgets.use(
      wave.source,
      uses.filter(({ kind }) => LOSING_KINDS.includes(kind)),
      tx.context.now,
    );
    await tx.heldWaves.savePlan(wave.id, people.length, wavePlan(people, judged));
    if (vanished.length > 0) await tellVanished(tx, wave, vanished);
    return true;
  });
}

interface Tried extends PersonInWave {
  readonly externalId: string;
  readonly hasVanished: boolean;
}

async function tryAll({ store, loop, context, say }: Dependencies, waveId: string): Promise<readonly Tried[]> {
  const people: Tried[] = [];
  let after: string | null = null;
  for (;;) {
    say(people.length);
    const records: readonly HeldRecord[] = await store.read((tx) => tx.heldWaves.records(waveId, after, rehearsedTogether));
    const last = records.at(-1);
    if (last === undefined) return people;
    const found = new Map((await rehearse({ store, loop }, context(), records)).map((record) => [record.incoming.externalId, personOf(record)]));
    const tried = records.map((record) => ({ ...record, ...(found.get(record.externalId) ?? { key: record.externalId, changes: [] }) }));
    await store.transaction(context(), (tx) =>
      tx.heldWaves.add(
        waveId,
        tried.map(({ key: _key, ...record }) => record),
        tx.context.now,
      ),
    );
    people.push(
      ...tried.map(({ key, externalId, identityId, changes, record }) => ({
        key,
        externalId,
        identityId,
        changes,
        hasVanished: record['hasVanished'] === true,
      })),
    );
    after = last.externalId;
  }
}

async function hold(tx: Transaction, loop: Loop, { id, source, trigger }: Wave): Promise<void> {
  await tx.heldWaves.hold(id);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: id, identityId: null, reason: { trigger, source } });
  const held = await tx.heldWaves.lock(id);
  if (held !== null) await refreshWave(tx, loop, held);
}

/** Nobody has said that they left: somebody has to look whether it is so. */
async function tellVanished(tx: Transaction, { id, source }: Wave, vanished: readonly Tried[]): Promise<void> {
  const identityIds = vanished.flatMap(({ identityId }) => identityId ?? []);
  await openCase(tx, {
    kind: 'vanished-from-feed',
    key: `vanished-from-feed/${id}`,
    identityId: null,
    target: null,
    operationId: null,
    evidence: { source, importId: id, people: vanished.length, identityIds: identityIds.slice(0, mostExamples) },
  });
}
