import { randomUUID } from 'node:crypto';
import { addDuration, type Suspension, InputInvalid, type Instant, NotFound } from '@tenure/domain';
import type { StoredSuspension, Transaction } from '@tenure/store';
import { auditSuspension } from './end-suspensions.ts';
import type { Engine } from '../decide/engine.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Subject of a suspension: exactly one of the three. */
export interface WantedSuspension extends Pick<Suspension, 'until' | 'keepsAccess'> {
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  readonly reason: string;
}

/** ISO 8601: a suspension is for a while. */
const longest = 'P90D';
/** Maximum time for which access may be kept past its end. */
const longestKeeping = 'P7D';

/**
 * Suspends writing to a target, for a person, or of one operation, until an instant at which that ends by itself. Decides about the person again, so
 * that their identity lifecycle sleeps until then.
 * @throws InputInvalid, NotFound
 */
export async function suspendProvisioning(tx: Transaction, engine: Engine, wanted: WantedSuspension): Promise<StoredSuspension> {
  const { actor, now } = tx.context;
  checkEnd(wanted, now);
  const suspension: StoredSuspension = {
    id: randomUUID(),
    ...(await subjectOf(tx, engine, wanted)),
    until: wanted.until,
    keepsAccess: wanted.keepsAccess,
    reason: wanted.reason,
    placedBy: `${actor.kind} ${actor.id}`,
    placedAt: now,
    endedAt: null,
    endedBy: null,
  };
  await tx.suspensions.add(suspension);
  auditSuspension(tx, 'hold.placed', suspension, wanted.reason);
  if (suspension.identityId !== null) await askAgain(tx, engine, suspension.identityId);
  return suspension;
}

/** Ends a suspension early: provisioning that waited for it continues, leavers first. One that has ended already stays so. @throws NotFound */
export async function resumeProvisioning(tx: Transaction, engine: Engine, id: string, reason: string): Promise<StoredSuspension> {
  const { actor, correlationId, now } = tx.context;
  const hold = await tx.suspensions.lock(id);
  if (hold === null) throw new NotFound(`there is no suspension ${id}`, { suspensionId: id });
  if (hold.endedAt !== null) return hold;
  const by = `${actor.kind} ${actor.id}`;
  await tx.suspensions.end(id, by, now);
  auditSuspension(tx, 'hold.lifted', hold, reason);
  if (hold.identityId !== null) await askAgain(tx, engine, hold.identityId);
  else if (hold.target !== null) await tx.suspensions.wakeSuspended(hold.target, 'decision', correlationId, now);
  return { ...hold, endedAt: now, endedBy: by };
}

async function askAgain(tx: Transaction, engine: Engine, identityId: string): Promise<void> {
  const { stage } = await decideIdentity(tx, engine, identityId, 'decision');
  await wake(tx, identityId, 'decision', stage === 'leaving');
}

function checkEnd({ until, keepsAccess }: WantedSuspension, now: Instant): void {
  const most = keepsAccess ? longestKeeping : longest;
  if (until <= now || until > addDuration(now, most, 'UTC'))
    throw new InputInvalid(`input.until must be in the future, within ${most}${keepsAccess ? ' with suspendsDeprovisioning' : ''}`, { until });
}

async function subjectOf(
  tx: Transaction,
  engine: Engine,
  wanted: WantedSuspension,
): Promise<Pick<Suspension, 'kind' | 'identityId' | 'target' | 'operationId'>> {
  const { identityId, target, operationId } = wanted;
  if ([identityId, target, operationId].filter((one) => one !== null).length !== 1)
    throw new InputInvalid('Provide exactly one of input.identityId, input.target or input.operationId.');
  const nobody = { identityId: null, target: null, operationId: null };
  if (target !== null) {
    if (!Object.hasOwn(engine.configuration.targets, target))
      throw new NotFound(`input.target: there is no such target; there is ${Object.keys(engine.configuration.targets).join(', ')}`, { target });
    return { ...nobody, kind: 'target', target };
  }
  if (operationId !== null) {
    const operation = await tx.access.operation(operationId);
    if (operation === null) throw new NotFound(`there is no operation ${operationId}`, { operationId });
    if (operation.status !== 'pending' && operation.status !== 'failed')
      throw new InputInvalid(`input.operationId: the operation is ${operation.status} and cannot be suspended`);
    return { ...nobody, kind: 'operation', operationId, identityId: operation.identityId };
  }
  const person = identityId === null ? null : await tx.identities.get(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId: identityId ?? '' });
  return { ...nobody, kind: 'identity', identityId: person.id };
}
