import { answersFor, type Loop } from '@tenure/activities';
import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller, Role } from '../access/caller.ts';

const deciders: readonly Role[] = ['admin', 'operator'];

/**
 * Lets through who has one of these roles in Tenure, and whoever `budget.owner` of the policy in force names.
 * @throws Forbidden
 */
export async function mustDecideWaves(tx: Transaction, loop: Loop, caller: Caller, roles: readonly Role[] = deciders): Promise<void> {
  if (roles.some((role) => caller.roles.has(role))) return;
  if (caller.kind === 'person' && (await isOwner(tx, loop, caller.id))) return;
  throw new Forbidden('this is for operators, and for whom the policy names under budget');
}

async function isOwner(tx: Transaction, loop: Loop, identityId: string): Promise<boolean> {
  const { owner } = (await loop.currentPolicy(tx)).document.budget ?? {};
  return owner !== undefined && answersFor(tx, loop, [owner], null, identityId);
}
