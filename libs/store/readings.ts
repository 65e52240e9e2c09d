import type { EntityManager } from '@mikro-orm/postgresql';
import type { DesiredAccount, Instant } from '@tenure/domain';
import { AccountReadingRow } from './entities/leavers.ts';

/** What one look at a leaver's account has shown. */
export interface Reading {
  readonly id: string;
  readonly identityId: string;
  readonly accountId: string;
  readonly target: string;
  readonly at: Instant;
  /** `not-visible`: the account is there, and the target does not say whether somebody can log in with it. */
  readonly found: DesiredAccount['state'] | 'not-visible';
  /** What the account held there, as the target calls it. */
  readonly entitlements: readonly string[];
  readonly wanted: DesiredAccount['state'];
  readonly isAsWanted: boolean;
  readonly correlationId: string;
}

export interface Readings {
  add(readings: readonly Reading[]): Promise<void>;
  /** The oldest first. */
  ofIdentity(identityId: string): Promise<readonly Reading[]>;
}

export function createReadings(em: EntityManager): Readings {
  return {
    async add(readings) {
      if (readings.length > 0) await em.insertMany(AccountReadingRow, [...readings]);
    },
    // Of one instant what differed comes first: it was seen before it was put right.
    ofIdentity: async (identityId) =>
      (await em.find(AccountReadingRow, { identityId }, { disableIdentityMap: true, orderBy: { at: 'asc', target: 'asc', isAsWanted: 'asc' } })) as Reading[],
  };
}
