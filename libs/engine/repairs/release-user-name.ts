import { InputInvalid, NotFound } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { decideBoth } from './decide-both.ts';
import { plainWork, type RepairTerms, type RepairWork } from './repair-work.ts';

/**
 * Releases the user name of somebody who has left, so that somebody else may get it. The person gets a name that nobody else can have. An account in
 * a target that bears the name, or may bear it, blocks it: nothing proves that the account of the next holder would be another one.
 * @throws NotFound, InputInvalid
 */
export async function releaseUserName(tx: Transaction, engine: Engine, identityId: string, { repairId, reason }: RepairTerms): Promise<RepairWork> {
  const person = await tx.identities.lock(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  if (person.state !== 'left' && person.state !== 'erased')
    throw new InputInvalid(
      `identityId: the person is ${person.state}, and the user name of somebody who has not left is not released: their accounts bear it. Where the name is wrong, merge or end the identity first`,
      { identityId, state: person.state },
    );
  const { userName } = person;
  if ((await tx.repairs.releasedBy([identityId])).length > 0)
    throw new InputInvalid('identityId: the user name of this person is released already', { identityId });
  await tx.records.lockKeys([`userName\n${userName}`]);
  const targets = await tx.repairs.targetsBearing(userName);
  if (targets.length > 0)
    throw new InputInvalid(
      `identityId: an account bears this user name, or may bear it, in ${targets.join(', ')}: it has to be deleted there, and its absence confirmed, before somebody else gets the name`,
      { identityId, targets: targets.join(' ') },
    );
  const released = await nameOfNobody(tx, person);
  await tx.repairs.rename(identityId, released);
  await tx.repairs.addReleased({ userName, identityId, releasedAt: tx.context.now, repairId });
  tx.audit.record({
    action: 'identity.userNameReleased',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { repairId },
    personal: { userName, reason },
  });
  await decideBoth(tx, engine, [identityId]);
  return plainWork(identityId, null, {});
}

/** Gives a released user name back to the person who had it. @throws InputInvalid where somebody else has it */
export async function takeBackUserName(
  tx: Transaction,
  engine: Engine,
  identityId: string,
  released: string,
  { repairId, reason }: RepairTerms,
): Promise<RepairWork> {
  const [name] = (await tx.repairs.releasedBy([identityId])).filter((one) => one.repairId === released);
  if (name === undefined) throw new InputInvalid('repairId: the user name is not released any more', { repairId: released });
  const { userName } = name;
  await tx.records.lockKeys([`userName\n${userName}`]);
  if ((await tx.identities.byUserName(userName)) !== null)
    throw new InputInvalid('repairId: somebody else has the user name by now, so it cannot go back', { repairId: released });
  await tx.repairs.rename(identityId, userName);
  await tx.repairs.removeReleased(released);
  tx.audit.record({
    action: 'repair.undone',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { repairId, of: released, kind: 'release-user-name' },
    personal: { userName, reason },
  });
  await decideBoth(tx, engine, [identityId]);
  return plainWork(identityId, null, {});
}

async function nameOfNobody(tx: Transaction, { id, userName }: StoredIdentity): Promise<string> {
  const short = `${userName.slice(0, 23)}-${id.slice(0, 8)}`;
  return (await tx.identities.byUserName(short)) === null ? short : `${userName.slice(0, 23)}-${id}`;
}
