import { randomUUID } from 'node:crypto';
import { Forbidden, InputInvalid, NotFound, type RepairInput, type RepairPlan } from '@tenure/domain';
import type { ActContext, CaseOf, Store, StoredRepair, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { openCaseFor } from '../cases/answer-case.ts';
import { openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { endingCaller } from '../leavers/ending-caller.ts';
import type { EndingCaller } from '../leavers/may-end.ts';
import { type CarriedOut, carryOut, peopleOf } from './carry-out.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
}

/** A repair as an administrator requests or approves it. */
export interface RepairDecision {
  /** Digest of the plan that they have read. */
  readonly digest: string;
  /** May name people: it is kept with their keys. */
  readonly reason: string;
}

/** Carries the plan out of the transaction in which the repair was tried, which is rolled back by it. */
class Tried extends Error {
  readonly plan: RepairPlan;
  constructor(plan: RepairPlan) {
    super('tried, and rolled back');
    this.plan = plan;
  }
}

/**
 * Plans a repair: it is carried out in a transaction that is rolled back.
 * @throws NotFound, InputInvalid, Forbidden where it could not be carried out at all
 */
export async function planRepair({ store, engine, context }: Dependencies, caller: Caller, input: RepairInput): Promise<RepairPlan> {
  const by = await store.read((tx) => endingCaller(tx, caller));
  return tried({ store, engine, context }, by, input);
}

/**
 * Carries out a repair whose plan an administrator has read, or has a second one decide about it.
 * @throws InputInvalid where something else would follow than the plan says; as `planRepair`
 */
export async function repairAs(dependencies: Dependencies, caller: Caller, input: RepairInput, decision: RepairDecision): Promise<StoredRepair> {
  const { store, engine, context } = dependencies;
  const by = await store.read((tx) => endingCaller(tx, caller));
  const plan = await tried(dependencies, by, input);
  mustBePlanned(plan, decision);
  const id = randomUUID();
  if (plan.secondPerson.length > 0) return store.transaction(context(), (tx) => askSecondPerson(tx, by, { id, input, plan }, decision.reason));
  return store.transaction(context(), async (tx) => {
    await tx.repairs.add(newRepair(tx, id, input, await firstOf(tx, input)));
    const done = await carryOut(tx, engine, by, input, { repairId: id, reason: decision.reason });
    mustBePlanned(done.plan, decision);
    if (done.plan.secondPerson.length > 0) throw new InputInvalid('the repair needs a second person by now: request it again', { kind: input.kind });
    for (const identityId of done.ended) await tx.urgentEnds.add(by.key, identityId, tx.context.now);
    return settle(tx, id, done, {});
  });
}

/**
 * Carries out a repair that waits, by a second administrator's approval.
 * @throws Forbidden to a service, to the requester, and to the people about whom it is; InputInvalid where something else would follow
 */
export async function approveRepair({ store, engine, context }: Dependencies, caller: Caller, id: string, decision: RepairDecision): Promise<StoredRepair> {
  const by = await store.read((tx) => endingCaller(tx, caller));
  return store.transaction(context(), async (tx) => {
    const { repair, open } = await waiting(tx, caller, id);
    if (caller.kind !== 'person' || (open.evidence.requestedBy ?? null) === caller.id)
      throw new Forbidden('A second administrator has to approve this, with a session, not a token.', { repairId: id });
    const done = await carryOut(tx, engine, by, repair.input, { repairId: id, reason: decision.reason });
    mustBePlanned(done.plan, decision);
    const { actor, now } = tx.context;
    const { kind, identityId } = repair;
    const reason = { repairId: id, kind };
    tx.audit.record({ action: 'repair.approved', subjectKind: 'identity', subjectId: identityId, identityId, reason, personal: { reason: decision.reason } });
    await close(tx, open, 'approved');
    return settle(tx, id, done, { decidedBy: `${actor.kind} ${actor.id}`, decidedAt: now });
  });
}

/** Discards a repair that waits for a second person. Nothing of it has happened. @throws InputInvalid, Forbidden */
export async function discardRepair({ store, context }: Dependencies, caller: Caller, id: string, why: string): Promise<StoredRepair> {
  return store.transaction(context(), async (tx) => {
    const { repair, open } = await waiting(tx, caller, id);
    const { actor, now } = tx.context;
    const { kind, identityId } = repair;
    const discarded: StoredRepair = { ...repair, status: 'discarded', decidedBy: `${actor.kind} ${actor.id}`, decidedAt: now };
    await tx.repairs.save(discarded);
    const reason = { repairId: id, kind };
    tx.audit.record({ action: 'repair.discarded', subjectKind: 'identity', subjectId: identityId, identityId, reason, personal: { reason: why } });
    await close(tx, open, 'discarded');
    return discarded;
  });
}

async function tried({ store, engine, context }: Dependencies, by: EndingCaller, input: RepairInput): Promise<RepairPlan> {
  try {
    return await store.transaction(context(), async (tx): Promise<never> => {
      const repairId = randomUUID();
      await tx.repairs.add(newRepair(tx, repairId, input, await firstOf(tx, input)));
      throw new Tried((await carryOut(tx, engine, by, input, { repairId, reason: 'plan' })).plan);
    });
  } catch (error) {
    if (error instanceof Tried) return error.plan;
    throw error;
  }
}

/** Person whom a repair is about: its row refers to them. @throws NotFound as the repair itself, where there is none */
async function firstOf(tx: Transaction, input: RepairInput): Promise<string> {
  const ids = await peopleOf(tx, input);
  for (const id of ids) if ((await tx.identities.get(id)) !== null) return id;
  throw new NotFound('there is no person, record or repair of this id', { kind: input.kind });
}

const nothing: RepairPlan = { digest: '', people: [], moved: {}, loginsEnded: 0, loginsToConfirm: 0, itemsEnded: [], secondPerson: [], forGood: [] };

function newRepair({ context: { actor, now } }: Transaction, id: string, input: RepairInput, identityId: string): StoredRepair {
  const undecided = { otherId: null, decidedBy: null, decidedAt: null, undoneBy: null, undoneAt: null };
  return {
    ...undecided,
    id,
    kind: input.kind,
    status: 'waiting',
    input,
    digest: '',
    identityId,
    requestedBy: `${actor.kind} ${actor.id}`,
    requestedAt: now,
    moved: {},
    plan: nothing,
  };
}

async function settle(tx: Transaction, id: string, { plan, work }: CarriedOut, decided: Partial<StoredRepair>): Promise<StoredRepair> {
  const repair = await tx.repairs.lock(id);
  if (repair === null) throw new Error('a repair without its row');
  const { identityId, otherId, moved } = work;
  const done: StoredRepair = { ...repair, ...decided, status: 'done', digest: plan.digest, identityId, otherId, moved, plan };
  await tx.repairs.save(done);
  return done;
}

async function askSecondPerson(
  tx: Transaction,
  by: EndingCaller,
  { id, input, plan }: { readonly id: string; readonly input: RepairInput; readonly plan: RepairPlan },
  why: string,
): Promise<StoredRepair> {
  const waits: StoredRepair = { ...newRepair(tx, id, input, await firstOf(tx, input)), digest: plan.digest, plan };
  await tx.repairs.add(waits);
  const { identityId, kind } = waits;
  const reason = { repairId: id, kind, why: plan.secondPerson };
  tx.audit.record({ action: 'repair.requested', subjectKind: 'identity', subjectId: identityId, identityId, reason, personal: { reason: why } });
  const evidence = { repairId: id, repair: kind, digest: plan.digest, requestedBy: by.personId, why: plan.secondPerson };
  await openCase(tx, { kind: 'repair-approval', key: caseKey(id), identityId: null, target: null, operationId: null, evidence });
  return waits;
}

async function waiting(tx: Transaction, caller: Caller, id: string): Promise<{ readonly repair: StoredRepair; readonly open: CaseOf<'repair-approval'> }> {
  const repair = await tx.repairs.lock(id);
  if (repair?.status !== 'waiting') throw new InputInvalid('id: no repair of this id waits for approval', { repairId: id });
  const known = await tx.cases.openOfKey(caseKey(id));
  const open = await openCaseFor(tx, caller, known?.id ?? id);
  if (open.kind !== 'repair-approval') throw new InputInvalid('id: no repair of this id waits for approval', { repairId: id });
  return { repair, open };
}

async function close(tx: Transaction, { id }: CaseOf<'repair-approval'>, resolution: 'approved' | 'discarded'): Promise<void> {
  const { actor, now } = tx.context;
  await tx.cases.close(id, `${actor.kind} ${actor.id}`, resolution, now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: id, identityId: null, reason: { kind: 'repair-approval', resolution } });
}

function caseKey(id: string): string {
  return `repair-approval/${id}`;
}

/** @throws InputInvalid */
function mustBePlanned({ digest: is }: RepairPlan, { digest }: RepairDecision): void {
  if (is !== digest)
    throw new InputInvalid('digest: something else would follow than in the plan that you have read; read it again (planRepair)', { argument: 'digest' });
}
