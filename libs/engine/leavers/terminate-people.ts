import type { ActContext, Store, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import type { Engine } from '../decide/engine.ts';
import { endLater, endUrgently, mustFitEndsLater } from './end-urgently.ts';
import { endingCaller } from './ending-caller.ts';
import { askSecondPerson, endWaiting } from './second-person.ts';
import { type EndAhead, mustLieAhead, type Termination } from './terminate.ts';
import { approvedEnds } from './urgent-case.ts';

/** Each person is terminated in a transaction of their own, with a context of its time. */
interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
}

/** Termination with the case in which it waits for a second person. */
export type RequestedTermination = Termination & { readonly caseId?: string };

/** Terminates people at once, within the caller's budget of urgent ends; those beyond it wait for a second person. In the order of ids. */
export async function terminateNow(
  dependencies: Dependencies,
  caller: Caller,
  identityIds: readonly string[],
  reason: string,
): Promise<readonly RequestedTermination[]> {
  const { store, engine, context } = dependencies;
  const by = await store.read((tx) => endingCaller(tx, caller));
  const done = await oneByOne(dependencies, identityIds, (tx, id) => endUrgently(tx, engine, by, id, reason));
  const waiting = done.filter(({ outcome }) => outcome === 'waits').map(({ identityId }) => identityId);
  if (waiting.length === 0) return done;
  const caseId = await store.transaction(context(), (tx) => askSecondPerson(tx, by, waiting, reason));
  return done.map((one) => (one.outcome === 'waits' ? { ...one, caseId } : one));
}

/**
 * Terminates people at an instant or after a last day that lies ahead, all of them or none.
 * @throws InputInvalid for an end that has passed for one of them, or beyond the budget of urgent ends
 */
export async function terminateLater(
  dependencies: Dependencies,
  caller: Caller,
  identityIds: readonly string[],
  end: EndAhead,
  reason: string,
): Promise<readonly Termination[]> {
  const { store, engine, context } = dependencies;
  const by = await store.read((tx) => endingCaller(tx, caller));
  mustLieAhead(await store.read((tx) => tx.identities.many(identityIds)), end, context().now);
  await store.transaction(context(), (tx) => mustFitEndsLater(tx, engine, by, identityIds, end));
  return oneByOne(dependencies, identityIds, (tx, id) => endLater(tx, engine, by, id, end, reason));
}

/**
 * Terminates the people who wait in a case, by a second person's approval. Those whom this person may not terminate stay in it.
 * @throws Forbidden, InputInvalid, CaseClosed
 */
export async function approveUrgentEnds(
  dependencies: Dependencies,
  caller: Caller,
  { caseId, digest, reason }: { readonly caseId: string; readonly digest: string; readonly reason: string },
): Promise<readonly Termination[]> {
  const { store, engine, context } = dependencies;
  const waiting = await store.transaction(context(), (tx) => approvedEnds(tx, caller, caseId, digest));
  const by = await store.read((tx) => endingCaller(tx, caller));
  const done = await oneByOne(dependencies, waiting, (tx, identityId) => endWaiting(tx, engine, by, { caseId, identityId, reason }));
  return done.filter((one) => one !== null);
}

async function oneByOne<T>({ store, context }: Dependencies, ids: readonly string[], one: (tx: Transaction, id: string) => Promise<T>): Promise<readonly T[]> {
  const done: T[] = [];
  for (const id of ids) done.push(await store.transaction(context(), (tx) => one(tx, id)));
  return done;
}
