import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** Instants of the last contact of sources. */
export interface SourceContacts {
  /** Records that a source has sent records, or an import. Written once in half a minute at most. */
  heard(source: string, now: Instant): Promise<void>;
}

export function createSourceContacts(em: EntityManager): SourceContacts {
  return {
    async heard(source, now) {
      await run(
        em,
        `insert into source_contact (source, at) values ($1, $2) on conflict (source) do update set at = excluded.at
         where source_contact.at < excluded.at - interval '30 seconds'`,
        [source, now],
      );
    },
  };
}
