import { NotFound, type Trigger } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { policyToDecideBy } from '../policy/read-policy.ts';
import { type CheckPeople, decidePeople } from './decide-people.ts';
import type { Decision } from './decision.ts';
import type { Engine } from './engine.ts';

/**
 * Decides the desired state of a person now, compares it with the stored state, and saves the differences as grants and operations. @throws NotFound
 */
export async function decideIdentity(tx: Transaction, engine: Engine, identityId: string, trigger: Trigger): Promise<Decision> {
  const decision = (await decideIdentities(tx, engine, [identityId], trigger)).get(identityId);
  if (decision === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  return decision;
}

/** Decides about many people at once. @param check is given the changes before they are saved @returns by identity; unknown ones are left out */
export async function decideIdentities(
  tx: Transaction,
  engine: Engine,
  identityIds: readonly string[],
  trigger: Trigger,
  check?: CheckPeople,
): Promise<ReadonlyMap<string, Decision>> {
  return decidePeople(tx, engine, policyToDecideBy(tx, engine), identityIds, trigger, new Map(), check);
}
