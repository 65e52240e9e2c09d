import { type EndRefusal, InputInvalid, type Instant, instantOf, reportedEnd } from '@tenure/domain';
import type { StoredIdentity, StoredRecord, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { saidOf, say } from './operator-record.ts';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Result of a termination, or of its withdrawal, for one person. */
export interface Termination {
  readonly identityId: string;
  readonly outcome:
    | 'terminated'
    | 'already-terminated'
    | 'scheduled'
    | 'already-scheduled'
    | 'withdrawn'
    | 'not-terminated'
    | 'not-found'
    | 'waits'
    | EndRefusal;
  /** Lifecycle state afterwards; `null` for `not-found`. */
  readonly state: Decision['state'] | null;
  /** End that an operator has set; `null`: none. The end by a source may come sooner. */
  readonly endsAt: Instant | null;
  /** Sessions that ended with it. */
  readonly sessionsEnded: number;
  /** Names of targets in which something is to be done now. */
  readonly targets: readonly string[];
}

/** An end that lies ahead: an instant, or the last day (`YYYY-MM-DD`), which ends where the person is. */
export type EndAhead = { readonly at: Instant } | { readonly on: string };

/**
 * Terminates a person at this instant by an operator's decision, which takes precedence over every source until it is withdrawn. Sessions end in this
 * same transaction, and the identity lifecycle workflow is woken before all others. @param reason may name people: it is kept with the person's key
 */
export async function terminate(tx: Transaction, engine: Engine, identityId: string, reason: string): Promise<Termination> {
  const known = await terminable(tx, identityId);
  if ('outcome' in known) return known;
  const { now } = tx.context;
  const open = await tx.sessions.openOf([identityId], now);
  await say(tx, { ...known.said, status: 'ended', endedAt: now, endedOn: null }, 'identity.terminated', reason);
  const decision = await decideIdentity(tx, engine, identityId, 'decision');
  await wake(tx, identityId, 'decision', true);
  return { ...come(identityId, decision), outcome: 'terminated', endsAt: now, sessionsEnded: open.length };
}

/**
 * Schedules a termination at a future instant or after a future day, by an operator's decision: the same fact that `terminate` states, in advance.
 * Another end moves it, until it has come.
 * @throws InputInvalid for an end that does not lie ahead
 */
export async function terminateAhead(tx: Transaction, engine: Engine, identityId: string, end: EndAhead, reason: string): Promise<Termination> {
  const known = await terminable(tx, identityId);
  if ('outcome' in known) return known;
  const { said, person } = known;
  mustLieAhead([person], end, tx.context.now);
  const wanted: StoredRecord = { ...said, status: 'ended', endedAt: 'at' in end ? end.at : null, endedOn: 'on' in end ? end.on : null };
  const endsAt = reportedEnd(wanted, person.timeZone);
  if (said.status === 'ended' && said.endedAt === wanted.endedAt && (said.endedOn ?? null) === wanted.endedOn)
    return { ...noTermination(identityId, 'already-scheduled'), state: person.state, endsAt };
  await say(tx, wanted, 'identity.terminationScheduled', reason);
  const decision = await decideIdentity(tx, engine, identityId, 'decision');
  await wake(tx, identityId, 'decision');
  return { ...come(identityId, decision), outcome: 'scheduled', endsAt };
}

/** Refuses an end that has passed for one of these people: a day ends in their time zone. @throws InputInvalid */
export function mustLieAhead(people: readonly Pick<StoredIdentity, 'id' | 'timeZone'>[], end: EndAhead, now: Instant): void {
  const over = people.find(({ timeZone }) => endInstant(end, timeZone, now) <= now);
  if (over === undefined) return;
  const what = 'at' in end ? `at: ${end.at} is in the past` : `on: ${end.on} has ended in the time zone of one of these people`;
  throw new InputInvalid(`${what}; use terminateNow`, { identityId: over.id });
}

/** Instant at which a future end comes. @param timeZone where the person is @param otherwise for a day that does not exist */
export function endInstant(end: EndAhead, timeZone: string, otherwise: Instant): Instant {
  return 'at' in end ? end.at : (instantOf(end.on, 'end', timeZone) ?? otherwise);
}

/** Withdraws an operator's end, past or future: the records of the sources count again, and the lifecycle continues from there. */
export async function withdrawTermination(tx: Transaction, engine: Engine, identityId: string, reason: string): Promise<Termination> {
  const said = await saidOf(tx, identityId);
  if (said === null) return noTermination(identityId, 'not-found');
  if (said.status !== 'ended') return { ...noTermination(identityId, 'not-terminated'), state: (await tx.identities.get(identityId))?.state ?? null };
  await say(tx, { ...said, status: null, endedAt: null, endedOn: null }, 'identity.terminationLifted', reason);
  const decision = await decideIdentity(tx, engine, identityId, 'decision');
  await wake(tx, identityId, 'decision');
  return { ...come(identityId, decision), outcome: 'withdrawn' };
}

/** Person whom no operator has terminated so far, with the operators' record about them, locked; or the answer instead. */
export async function terminable(tx: Transaction, identityId: string): Promise<{ readonly said: StoredRecord; readonly person: StoredIdentity } | Termination> {
  const said = await saidOf(tx, identityId);
  const person = await tx.identities.get(identityId);
  if (said === null || person === null) return noTermination(identityId, 'not-found');
  const endsAt = said.status === 'ended' ? reportedEnd(said, person.timeZone) : null;
  if (endsAt === null || endsAt > tx.context.now) return { said, person };
  return { ...noTermination(identityId, 'already-terminated'), state: person.state, endsAt };
}

function come(identityId: string, { state, work }: Decision): Omit<Termination, 'outcome'> {
  return { identityId, state, endsAt: null, sessionsEnded: 0, targets: work.map(({ target }) => target) };
}

/** Result of a termination that changed nothing. */
export function noTermination(identityId: string, outcome: Termination['outcome']): Termination {
  return { identityId, outcome, state: null, endsAt: null, sessionsEnded: 0, targets: [] };
}
