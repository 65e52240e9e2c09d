import type { EntityManager } from '@mikro-orm/postgresql';
import { run, send } from '../database/statement.ts';

/** Capacity of targets that all workers share, by the clock of the database. */
export interface TargetPaces {
  /**
   * Reserves time at a target: so many milliseconds as the calls take at its rate. Capacity that nobody used in the last second may be made up for.
   * @returns milliseconds until the reserved time begins
   */
  reserve(target: string, milliseconds: number): Promise<number>;
}

/** Milliseconds. More is never waited for: work that does not wait, which has precedence, may reserve more than there is. */
const LONGEST = 10_000;

export function createTargetPaces(em: EntityManager): TargetPaces {
  return {
    async reserve(target, milliseconds) {
      // A reservation that a crash takes back delays nobody.
      await send(em, 'set local synchronous_commit = off', []);
      const span = `make_interval(secs => $2::float8 / 1000)`;
      const [row] = await run<{ wait: number }>(
        em,
        `insert into target_pace as p (target, free_at) values ($1, clock_timestamp() + ${span})
         on conflict (target) do update set free_at = least(greatest(p.free_at, clock_timestamp() - interval '1 second'), clock_timestamp() + make_interval(secs => $3::float8 / 1000)) + ${span}
         returning extract(epoch from free_at - ${span} - clock_timestamp())::float8 * 1000 as wait`,
        [target, milliseconds, LONGEST],
      );
      return Math.max(0, Number(row?.wait ?? 0));
    },
  };
}
