import type { EntityManager } from '@mikro-orm/postgresql';
import type { Delegation, Instant } from '@tenure/domain';
import { DelegationRow } from './entities.ts';

/** A delegation with its reason. */
export interface StoredDelegation extends Delegation {
  readonly reason: string;
  readonly createdAt: Instant;
}

export interface Delegations {
  insert(delegation: StoredDelegation): Promise<void>;
  get(id: string): Promise<StoredDelegation | null>;
  /** Current and future delegations that these people have given. */
  givenBy(fromIds: readonly string[], now: Instant): Promise<readonly StoredDelegation[]>;
  /** Current and future delegations that these people have received. */
  givenTo(toIds: readonly string[], now: Instant): Promise<readonly StoredDelegation[]>;
  /** Delegations given or received by this person, expired ones included, the latest first. */
  of(identityId: string, limit: number): Promise<readonly StoredDelegation[]>;
  revoke(id: string, now: Instant): Promise<void>;
}

const plain = { disableIdentityMap: true } as const;

export function createDelegations(em: EntityManager): Delegations {
  const running = (now: Instant) => ({ revokedAt: null, validUntil: { $gt: now } });
  const inOrder = { ...plain, orderBy: { validFrom: 'asc', id: 'asc' } } as const;
  return {
    insert: async (delegation) => {
      await em.insert(DelegationRow, delegation);
    },
    get: async (id) => (await em.findOne(DelegationRow, { id }, plain)) as StoredDelegation | null,
    givenBy: async (ids, now) => (await em.find(DelegationRow, { fromId: { $in: [...ids] }, ...running(now) }, inOrder)) as StoredDelegation[],
    givenTo: async (ids, now) => (await em.find(DelegationRow, { toId: { $in: [...ids] }, ...running(now) }, inOrder)) as StoredDelegation[],
    of: async (id, limit) =>
      (await em.find(
        DelegationRow,
        { $or: [{ fromId: id }, { toId: id }] },
        { ...plain, orderBy: { validUntil: 'desc', id: 'desc' }, limit },
      )) as StoredDelegation[],
    revoke: async (id, now) => {
      await em.nativeUpdate(DelegationRow, { id, revokedAt: null }, { revokedAt: now });
    },
  };
}
