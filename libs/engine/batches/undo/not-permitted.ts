import { grantsAt, IN_ALL, TENURE_TARGET } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { type EndingCaller, whyNotToEnd } from '../../leavers/may-end.ts';
import { currentPolicy } from '../../policy/read-policy.ts';
import type { RestoredItem } from './restore-records.ts';

/**
 * People of an undo whose records this requester may not change: themselves, people with rights in Tenure unless the requester is an administrator, and
 * people whom the undo would terminate and whom the requester may not terminate.
 */
export async function notPermitted(tx: Transaction, engine: Engine, by: EndingCaller, items: readonly RestoredItem[]): Promise<ReadonlySet<string>> {
  const undoable = items.filter(({ reason }) => reason === null);
  const ids = [...new Set(undoable.flatMap(({ identityId }) => identityId ?? []))];
  const ends = new Set(undoable.filter(endsPerson).flatMap(({ identityId }) => identityId ?? []));
  const privileged = await withRightsInTenure(tx, engine, ids);
  const refused = new Set(ids.filter((id) => id === by.personId || (privileged.has(id) && !by.isAdmin)));
  for (const id of privileged) if (ends.has(id) && !refused.has(id) && (await whyNotToEnd(tx, engine, by, id)) !== null) refused.add(id);
  return refused;
}

/** True: the access of a person ends by it, now or at an end that comes sooner. */
export function endsPerson({ changes }: Pick<RestoredItem, 'changes'>): boolean {
  return changes.some(({ target, kind }) => target === IN_ALL && kind === 'disable');
}

async function withRightsInTenure(tx: Transaction, engine: Engine, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { entitlements } = (await currentPolicy(tx, engine)).document;
  const isRight = (name: string): boolean => {
    const { target, value } = entitlements[name] ?? {};
    return target === TENURE_TARGET && value != null && value !== 'self';
  };
  const grants = (await tx.access.currentGrants(ids)).filter(({ kind, name }) => kind === 'entitlement' && isRight(name));
  return new Set(grants.flatMap((grant) => (grantsAt([grant], tx.context.now).length > 0 ? [grant.identityId] : [])));
}
