import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, PersonNaming } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Sponsor of a person. There is no row when the facts name none. */
export interface Sponsorship {
  readonly identityId: string;
  /** Kind and value by which the facts name the sponsor. */
  readonly namedBy: PersonNaming['by'];
  readonly namedValue: string;
  /** Current sponsor; `null`: nobody active was found. */
  readonly sponsorId: string | null;
  /** True if the named sponsor, or a manager who takes their place, is active or suspended. */
  readonly isLiving: boolean;
  /** Reason of the choice: a sentence without personal data. */
  readonly why: string;
  /**
   * Dependencies of the choice: the name in the facts, the ids of the people found on the way to the sponsor, and the name of an unknown
   * manager. When one of them changes, the sponsor is determined again.
   */
  readonly restsOn: readonly string[];
  readonly sponsorSince: Instant;
}

export interface Sponsorships {
  /**
   * Locks the search for sponsors until the transaction ends: otherwise somebody could become a sponsor in the moment in which they leave.
   * With this lock, a transaction must not wait for the lock of any identity.
   */
  takeTurn(): Promise<void>;
  of(identityId: string): Promise<Sponsorship | null>;
  /** Sponsorships of this person for others, in the order of ids. */
  bySponsor(sponsorId: string, limit: number): Promise<readonly Sponsorship[]>;
  /** Sponsorships that depend on one of these keys. */
  restingOn(keys: readonly string[]): Promise<readonly Sponsorship[]>;
  /** Ids of people whose sponsor is not active, without a new search since: for the periodic sweep. */
  orphaned(limit: number): Promise<readonly string[]>;
  save(sponsorships: readonly Sponsorship[]): Promise<void>;
  remove(identityIds: readonly string[]): Promise<void>;
}

/** Number of the advisory lock, unique among those of Tenure. */
const sponsorsLock = 7038;

export function createSponsorships(em: EntityManager): Sponsorships {
  const read = async (where: string, values: readonly unknown[]): Promise<readonly Sponsorship[]> => {
    const rows = await run<{ row: string }>(em, `select to_json(s)::text as row from sponsorship s where ${where}`, values);
    return rows.map(({ row }) => fromJsonRow<Sponsorship>(JSON.parse(row) as Readonly<Record<string, unknown>>));
  };
  return {
    takeTurn: async () => void (await run(em, 'select pg_advisory_xact_lock($1)', [sponsorsLock])),
    of: async (identityId) => (await read('identity_id = $1', [identityId]))[0] ?? null,
    bySponsor: (sponsorId, limit) => read('sponsor_id = $1 order by identity_id limit $2', [sponsorId, limit]),
    restingOn: (keys) => read('rests_on && $1::text[]', [keys]),
    async orphaned(limit) {
      const rows = await run<{ identity_id: string }>(
        em,
        `select s.identity_id from sponsorship s join identity i on i.id = s.sponsor_id where i.state <> 'active' order by s.identity_id limit $1`,
        [limit],
      );
      return rows.map((row) => row.identity_id);
    },
    save: async (sponsorships) => void (await run(em, save, [toJsonRows(sponsorships)])),
    remove: async (identityIds) => void (await run(em, 'delete from sponsorship where identity_id = any($1::uuid[])', [identityIds])),
  };
}

// In one order for all transactions, to avoid deadlocks.
const save = `insert into sponsorship (identity_id, named_by, named_value, sponsor_id, why, rests_on, sponsor_since, is_living)
  select r.identity_id, r.named_by, r.named_value, r.sponsor_id, r.why, array(select jsonb_array_elements_text(r.rests_on)), r.sponsor_since, r.is_living
  from jsonb_to_recordset($1::jsonb) r (identity_id uuid, named_by text, named_value text, sponsor_id uuid, why text, rests_on jsonb, sponsor_since timestamptz, is_living boolean)
  order by r.identity_id
  on conflict (identity_id) do update set named_by = excluded.named_by, named_value = excluded.named_value, sponsor_id = excluded.sponsor_id, why = excluded.why,
    rests_on = excluded.rests_on, sponsor_since = excluded.sponsor_since, is_living = excluded.is_living`;
