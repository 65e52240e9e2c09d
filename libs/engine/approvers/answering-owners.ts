import type { Approvers } from '@tenure/domain';
import type { Case, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { type ApproverResolver, approverResolver, type Asked, type Concerned } from './resolve-approvers.ts';
import { standsInFor } from './stands-in-for.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Maximum number of people of a group who are notified of a case; the inbox shows it to all of them. */
export const mostNotified = 50;

/** Finds the people who answer cases: deputies instead of those who have delegated that. */
export async function caseResolver(tx: Transaction, engine: Engine): Promise<ApproverResolver> {
  return approverResolver(tx, engine, await currentPolicy(tx, engine), 'cases');
}

/**
 * People who answer a case with an owner: the owner or those of its group, or their deputies. They are there, and the case is not about them.
 * @returns ids; empty where the case has no owner, or none of them is there
 */
export async function answeringOwners(
  tx: Transaction,
  resolver: ApproverResolver,
  { ownerId, ownerGroup, identityId }: Pick<Case, 'ownerId' | 'ownerGroup' | 'identityId'>,
): Promise<readonly string[]> {
  const concerned = concernedBy(identityId);
  if (ownerGroup !== null) return approvers(await resolver.resolve([{ kind: 'holders', name: ownerGroup }], concerned));
  const owner = ownerId === null ? null : await tx.identities.get(ownerId);
  if (owner === null) return [];
  const found = await resolver.resolve([{ kind: 'person', userName: owner.userName }], concerned);
  return approvers(found.filter(({ principalId }) => principalId === owner.id));
}

function approvers(asked: readonly Asked[]): readonly string[] {
  return [...new Set(asked.map(({ approverId }) => approverId))];
}

/**
 * True if somebody answers for these owners, as one of them or as a deputy: never about themselves, and never as the deputy of somebody whom the case
 * is about.
 */
export async function answersFor(tx: Transaction, engine: Engine, owners: readonly Approvers[], about: string | null, by: string): Promise<boolean> {
  if (by === about) return false;
  const found = await (await caseResolver(tx, engine)).resolve(owners, concernedBy(about));
  const places = [by, ...(await standsInFor(tx, by, tx.context.now, about)).map(({ id }) => id)];
  return found.some(({ approverId, principalId }) => approverId === by || places.includes(principalId));
}

/** Concerned people of a case; none for a case about nobody. */
export function concernedBy(identityId: string | null): Concerned {
  return { identityId: identityId ?? '', requestedBy: identityId ?? '' };
}
