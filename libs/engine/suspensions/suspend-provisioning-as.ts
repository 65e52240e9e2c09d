import { Forbidden } from '@tenure/domain';
import type { StoredSuspension, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import type { Engine } from '../decide/engine.ts';
import { suspendProvisioning, type WantedSuspension } from './suspend-provisioning.ts';

/** Places a suspension for this caller. @throws Forbidden where they may not; InputInvalid, NotFound */
export async function suspendProvisioningAs(tx: Transaction, engine: Engine, caller: Caller, wanted: WantedSuspension): Promise<StoredSuspension> {
  await mustMayKeep(tx, caller, wanted);
  return suspendProvisioning(tx, engine, wanted);
}

/** Checks that an administrator keeps a person's access past its end, and nobody their own. */
async function mustMayKeep(tx: Transaction, caller: Caller, { identityId, operationId, keepsAccess }: WantedSuspension): Promise<void> {
  if (!keepsAccess) return;
  const ofWhom = operationId === null ? identityId : ((await tx.access.operation(operationId))?.identityId ?? null);
  if (!caller.roles.has('admin')) throw new Forbidden('Only an administrator can suspend deprovisioning (input.suspendsDeprovisioning).');
  if (ofWhom !== null && ofWhom === caller.personId) throw new Forbidden('You cannot suspend your own deprovisioning.');
}
