import { InputInvalid, NotFound, reportedEnd } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { saidOf, say } from './operator-record.ts';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Result of reactivating somebody who was disabled for inactivity. */
export interface Reactivation {
  readonly identityId: string;
  readonly outcome: 'reactivated' | 'not-inactive';
  readonly state: Decision['state'];
}

/**
 * Reactivates a person after inactivity: today counts as their last activity, and the access that the facts justify returns.
 * @param reason may name people: it is kept with the person's key
 * @throws NotFound, and InputInvalid where their end is set
 */
export async function reactivate(tx: Transaction, engine: Engine, identityId: string, reason: string): Promise<Reactivation> {
  const said = await saidOf(tx, identityId);
  if (said === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const before = await decideIdentity(tx, engine, identityId, 'decision');
  const person = await tx.identities.get(identityId);
  const standing = person?.lifecycle?.inactivity?.standing;
  const endsAt = said.status === 'ended' && person !== null ? reportedEnd(said, person.timeZone) : null;
  const isOver = endsAt !== null && endsAt <= tx.context.now;
  if (isOver || (standing !== 'disabled' && standing !== 'removed')) return { identityId, outcome: 'not-inactive', state: before.state };
  if (endsAt !== null)
    throw new InputInvalid('An operator has scheduled the termination of this person: withdrawTermination withdraws it and reactivates them.', { identityId });
  await say(tx, said, 'identity.reactivated', reason);
  const decision = await decideIdentity(tx, engine, identityId, 'decision');
  if (decision.changed) await wake(tx, identityId, 'decision');
  return { identityId, outcome: 'reactivated', state: decision.state };
}
