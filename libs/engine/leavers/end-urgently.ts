import { type EndRefusal, InputInvalid } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { type EndAhead, endInstant, noTermination, terminable, terminate, terminateAhead, type Termination } from './terminate.ts';
import { type EndingCaller, whyNotToEnd } from './may-end.ts';
import { urgentEndsLeft } from './urgent-budget.ts';

/**
 * Terminates a person at once, within the caller's budget of urgent ends. Beyond it the result is `waits`: nothing has happened to that person yet,
 * and `askSecondPerson` has to be called. A person whom this caller may not terminate is refused, audited.
 */
export async function endUrgently(tx: Transaction, engine: Engine, by: EndingCaller, identityId: string, reason: string): Promise<Termination> {
  const why = await whyNotToEnd(tx, engine, by, identityId);
  if (why !== null) return refused(tx, identityId, why);
  const left = await urgentEndsLeft(tx, engine, by);
  if (left === 0) {
    const known = await terminable(tx, identityId);
    return 'outcome' in known ? known : { ...noTermination(identityId, 'waits'), state: known.person.state };
  }
  const done = await terminate(tx, engine, identityId, reason);
  if (done.outcome === 'terminated') await tx.urgentEnds.add(by.key, identityId, tx.context.now);
  return done;
}

/** Milliseconds: an end that comes sooner is urgent, and counts like an immediate one. */
const soon = 24 * 3_600_000;

/**
 * Schedules the end of a person's lifecycle. One that comes within a day counts as an urgent end, since otherwise a delay of a minute would bypass
 * the budget.
 * @throws InputInvalid beyond the budget
 */
export async function endLater(tx: Transaction, engine: Engine, by: EndingCaller, identityId: string, end: EndAhead, reason: string): Promise<Termination> {
  const why = await whyNotToEnd(tx, engine, by, identityId);
  if (why !== null) return refused(tx, identityId, why);
  const person = await tx.identities.get(identityId);
  const isSoon = person !== null && Date.parse(endInstant(end, person.timeZone, tx.context.now)) - Date.parse(tx.context.now) < soon;
  if (isSoon) mustBeLeft(await urgentEndsLeft(tx, engine, by), 1);
  const done = await terminateAhead(tx, engine, identityId, end, reason);
  if (isSoon && done.outcome === 'scheduled') await tx.urgentEnds.add(by.key, identityId, tx.context.now);
  return done;
}

/** Refuses ends within a day that exceed the rest of the budget, before the first of them. @throws InputInvalid */
export async function mustFitEndsLater(tx: Transaction, engine: Engine, by: EndingCaller, ids: readonly string[], end: EndAhead): Promise<void> {
  const { now } = tx.context;
  const people = await tx.identities.many(ids);
  const near = people.filter(({ timeZone }) => Date.parse(endInstant(end, timeZone, now)) - Date.parse(now) < soon);
  if (near.length > 0) mustBeLeft(await urgentEndsLeft(tx, engine, by), near.length);
}

/** @throws InputInvalid */
export function mustBeLeft(left: number, people: number): void {
  if (people <= left) return;
  throw new InputInvalid(
    `an end within a day is urgent, and your budget has ${left} left for ${people} people (budget.urgentEnds of the policy): terminateNow terminates those and sends the others to a second person`,
    { left: String(left), people: String(people) },
  );
}

function refused(tx: Transaction, identityId: string, why: EndRefusal): Termination {
  tx.audit.record({ action: 'identity.terminationRefused', subjectKind: 'identity', subjectId: identityId, identityId, reason: { why } });
  return noTermination(identityId, why);
}
