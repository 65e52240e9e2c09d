import { NotFound, type Trigger } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { policyToDecideBy } from '../policy/read-policy.ts';
import { type CheckPeople, decidePeople } from './decide-people.ts';
import type { Decision } from './decision.ts';
import type { Engine } from './engine.ts';

/** Decides what should be true of a person now, compares it with what is, and saves the difference as grants and operations. @throws NotFound */
export async function decideIdentity(tx: Transaction, engine: Engine, identityId: string, trigger: Trigger): Promise<Decision> {
  const decision = (await decideIdentities(tx, engine, [identityId], trigger)).get(identityId);
  if (decision === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  return decision;
}

/** The same for many people, in one go. @param check sees what changes before it is saved @returns by identity; unknown ones are left out */
export async function decideIdentities(
  tx: Transaction,
  engine: Engine,
  identityIds: readonly string[],
  trigger: Trigger,
  check?: CheckPeople,
): Promise<ReadonlyMap<string, Decision>> {
  return decidePeople(tx, engine, policyToDecideBy(tx, engine), identityIds, trigger, new Map(), check);
}
