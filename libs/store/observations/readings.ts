import type { EntityManager } from '@mikro-orm/postgresql';
import type { DesiredAccount, Instant } from '@tenure/domain';
import { AccountReadingRow } from './reading-entity.ts';
import { toJsonRows } from '../database/rows.ts';
import { send } from '../database/statement.ts';

/** Result of one observation of a leaver's account. */
export interface Reading {
  readonly id: string;
  readonly identityId: string;
  readonly accountId: string;
  readonly target: string;
  readonly at: Instant;
  /** Observed state; `not-visible`: the account exists, and the target does not show whether it can log in. */
  readonly found: DesiredAccount['state'] | 'not-visible';
  /** Native names of the account's entitlements in the target. */
  readonly entitlements: readonly string[];
  readonly wanted: DesiredAccount['state'];
  readonly isAsWanted: boolean;
  readonly correlationId: string;
}

export interface Readings {
  /** Adds observations. One with the same undesired state as the last one of its account proves nothing new: it is added once an hour at most. */
  add(readings: readonly Reading[]): Promise<void>;
  /** Observations of a person's accounts, the oldest first. */
  ofIdentity(identityId: string): Promise<readonly Reading[]>;
}

const addReadings = `insert into account_reading (id, identity_id, account_id, target, at, found, entitlements, wanted, is_as_wanted, correlation_id)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, identity_id uuid, account_id uuid, target text, at timestamptz, found text, entitlements jsonb, wanted text,
    is_as_wanted boolean, correlation_id text)
  where r.is_as_wanted or not exists (
    select from (select * from account_reading known where known.account_id = r.account_id order by known.at desc limit 1) last
    where not last.is_as_wanted and last.found = r.found and last.wanted = r.wanted and last.entitlements = r.entitlements and last.at > r.at - interval '1 hour')`;

export function createReadings(em: EntityManager): Readings {
  return {
    async add(readings) {
      if (readings.length > 0) await send(em, addReadings, [toJsonRows(readings)]);
    },
    // Within one instant the undesired state comes first: it was observed before it was corrected.
    ofIdentity: async (identityId) =>
      (await em.find(AccountReadingRow, { identityId }, { disableIdentityMap: true, orderBy: { at: 'asc', target: 'asc', isAsWanted: 'asc' } })) as Reading[],
  };
}
