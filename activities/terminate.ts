import type { Transaction } from '@tenure/store';
import type { Decision } from './decide-identity.ts';
import type { Loop } from './loop.ts';
import { saidOf, say } from './operator-record.ts';
import { wake } from './take-record.ts';

/** What a termination, or lifting one, came to for one person. */
export interface Termination {
  readonly identityId: string;
  readonly outcome: 'terminated' | 'already-terminated' | 'lifted' | 'not-terminated' | 'not-found';
  /** Where the life stands afterwards; `null` for `not-found`. */
  readonly state: Decision['state'] | null;
  /** Sessions that ended with it. */
  readonly sessionsEnded: number;
  /** Targets in which something is to be done now. */
  readonly targets: readonly string[];
}

/**
 * Ends somebody's time at this instant by an operator's word, which goes before every source's until it is lifted. Sessions end in
 * this same transaction, and the life is woken before all others. @param reason may name people: it is kept with the person's key
 */
export async function terminate(tx: Transaction, loop: Loop, identityId: string, reason: string): Promise<Termination> {
  const said = await saidOf(tx, identityId);
  if (said === null) return nothing(identityId, 'not-found');
  if (said.status === 'ended') return { ...nothing(identityId, 'already-terminated'), state: (await tx.identities.get(identityId))?.state ?? null };
  const open = await tx.sessions.openOf([identityId], tx.context.now);
  await say(tx, { ...said, status: 'ended', endedAt: tx.context.now }, 'identity.terminated', reason);
  const decision = await loop.decide(tx, identityId, 'decision');
  await wake(tx, identityId, 'decision', true);
  return { ...come(identityId, decision), outcome: 'terminated', sessionsEnded: open.length };
}

/** Takes an operator's termination back: what the sources say counts again, and the life goes on from there. */
export async function liftTermination(tx: Transaction, loop: Loop, identityId: string, reason: string): Promise<Termination> {
  const said = await saidOf(tx, identityId);
  if (said === null) return nothing(identityId, 'not-found');
  if (said.status !== 'ended') return { ...nothing(identityId, 'not-terminated'), state: (await tx.identities.get(identityId))?.state ?? null };
  await say(tx, { ...said, status: null, endedAt: null }, 'identity.terminationLifted', reason);
  const decision = await loop.decide(tx, identityId, 'decision');
  await wake(tx, identityId, 'decision');
  return { ...come(identityId, decision), outcome: 'lifted', sessionsEnded: 0 };
}

function come(identityId: string, { state, work }: Decision): Pick<Termination, 'identityId' | 'state' | 'targets'> {
  return { identityId, state, targets: work.map(({ target }) => target) };
}

function nothing(identityId: string, outcome: Termination['outcome']): Termination {
  return { identityId, outcome, state: null, sessionsEnded: 0, targets: [] };
}
