import type { EntityManager } from '@mikro-orm/postgresql';
import { countKey, IN_ALL, type Instant, type CountedChange } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** A removal that a source has caused for a person. */
export interface BudgetUse extends CountedChange {
  /** Id of the identity. */
  readonly person: string;
}

/** Use of change budgets, and the totals that their percentages refer to. */
export interface Budgets {
  /**
   * Number of people whom a source has changed since an instant, or would change by records that wait for approval; by `countKey`. Other callers
   * for the same source wait until this transaction ends, so that two cannot both use the rest of a budget.
   * @param except keys of waiting records that do not count, since newer ones replace them; `held`: no waiting record counts
   */
  usedBy(source: string, since: Instant, except: readonly string[] | 'held'): Promise<ReadonlyMap<string, number>>;
  use(source: string, uses: readonly BudgetUse[], now: Instant): Promise<void>;
  /** Deletes uses before an instant. */
  forget(source: string, before: Instant): Promise<void>;
  /** Number of accounts whose desired state is enabled, by target; number of active people, under `IN_ALL`. */
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

/** Statement that counts uses. Records that wait for approval count too, since they may still be carried out. */
const countUses = `with uses as (
    select target, kind, person from budget_use where source = $1 and at >= $2
    union select c.target, c.kind, coalesce(h.identity_id::text, h.key) from batch_item h join wave w on w.id = h.batch_id and w.standing = 'held'
      cross join lateral jsonb_to_recordset(h.changes) c (target text, kind text)
      where h.source = $1 and h.result = 'pending' and h.added_at >= $2 and h.key <> all ($4::text[]))
  select target, kind, count(distinct person)::int as people from uses where target <> $3 group by target, kind
  union all select $3, kind, count(distinct person)::int from uses group by kind`;
