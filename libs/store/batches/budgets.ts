import type { EntityManager } from '@mikro-orm/postgresql';
import { countKey, IN_ALL, type Instant, type CountedChange } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** Something that a source took away from somebody. */
export interface BudgetUse extends CountedChange {
  /** The identity's id. */
  readonly person: string;
}

/** What has been taken away of late, and what there is to take away from. */
export interface Budgets {
  /**
   * People to whom a source did something since an instant, or would have, were it not held; by `countKey`. Others who ask for the same
   * source wait until this transaction ends, so that two cannot both be the last that fits.
   * @param except held records that do not count, since others take their place; `held`: all of them
   */
  usedBy(source: string, since: Instant, except: readonly string[] | 'held'): Promise<ReadonlyMap<string, number>>;
  use(source: string, uses: readonly BudgetUse[], now: Instant): Promise<void>;
  /** What lies before an instant is forgotten. */
  forget(source: string, before: Instant): Promise<void>;
  /** Accounts that are to be in use, by target; everybody who is active, under `IN_ALL`. */
  populations(): Promise<ReadonlyMap<string, number>>;
}

export function createBudgets(em: EntityManager): Budgets {
  return {
    async usedBy(source, since, except) {
      await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 3))', [source]);
      const rows = await run<{ target: string; kind: CountedChange['kind']; people: number }>(em, countUses, [
        source,
        since,
        IN_ALL,
        except === 'held' ? null : except,
      ]);
      return new Map(rows.map(({ people, ...use }) => [countKey(use), people]));
    },
    async use(source, uses, now) {
      if (uses.length === 0) return;
      await run(
        em,
        `insert into budget_use (source, target, kind, person, at)
         select $1, r.target, r.kind, r.person, $3 from jsonb_to_recordset($2::jsonb) r (target text, kind text, person text)`,
        [source, JSON.stringify(uses), now],
      );
    },
    forget: async (source, before) => void (await run(em, 'delete from budget_use where source = $1 and at < $2', [source, before])),
    async populations() {
      const accounts = await run<{ target: string; count: number }>(
        em,
        `select target, count(*)::int as count from account where desired->>'state' = 'enabled' and $1::text is not null group by target`,
        [IN_ALL],
      );
      const [people] = await run<{ count: number }>(em, `select count(*)::int as count from identity where state = $1 and decided_at is not null`, ['active']);
      return new Map([...accounts.map(({ target, count }) => [target, count] as const), [IN_ALL, people?.count ?? 0]]);
    },
  };
}

/** What is held counts too: it was said, and may yet be done. */
const countUses = `with uses as (
    select target, kind, person from budget_use where source = $1 and at >= $2
    union select c.target, c.kind, coalesce(h.identity_id::text, h.key) from batch_item h join wave w on w.id = h.batch_id and w.standing = 'held'
      cross join lateral jsonb_to_recordset(h.changes) c (target text, kind text)
      where h.source = $1 and h.result = 'pending' and h.added_at >= $2 and h.key <> all ($4::text[]))
  select target, kind, count(distinct person)::int as people from uses where target <> $3 group by target, kind
  union all select $3, kind, count(distinct person)::int from uses group by kind`;
