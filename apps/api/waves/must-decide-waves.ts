import type { Loop } from '@tenure/activities';
import { Forbidden, grantsAt, type Instant } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller, Role } from '../access/caller.ts';

const deciders: readonly Role[] = ['admin', 'operator'];

/**
 * Lets through who has one of these roles in Tenure, and whoever `budget.owner` of the policy in force names.
 * @throws Forbidden
 */
export async function mustDecideWaves(tx: Transaction, loop: Loop, caller: Caller, now: Instant, roles: readonly Role[] = deciders): Promise<void> {
  if (roles.some((role) => caller.roles.has(role))) return;
  if (caller.kind === 'person' && (await isOwner(tx, loop, caller.id, now))) return;
  throw new Forbidden('this is for operators, and for whom the policy names under budget');
}

async function isOwner(tx: Transaction, loop: Loop, identityId: string, now: Instant): Promise<boolean> {
  const { owner } = (await loop.currentPolicy(tx)).document.budget ?? {};
  if (owner === undefined) return false;
  if (owner.kind === 'person') return (await tx.identities.get(identityId))?.userName === owner.userName;
  const held = grantsAt(await tx.access.currentGrants([identityId]), now);
  return held.some(({ name }) => name === owner.name);
}
