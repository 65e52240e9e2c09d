import { ConfigurationInvalid } from '@tenure/domain';
import type { Store } from '../open-store.ts';

/**
 * Checks, as the first step of a process, that its database can be used.
 * @throws ConfigurationInvalid for a PostgreSQL that is too old
 * @throws Error with a sentence for an operator, when the database does not answer or lacks migrations
 */
export async function mustBeMigrated(store: Pick<Store, 'missingMigrations'>): Promise<void> {
  const missing = await store.missingMigrations().catch((error: unknown) => {
    if (error instanceof ConfigurationInvalid) throw error;
    throw new Error(`the database of DATABASE_URL does not answer (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  });
  if (missing.length > 0) throw new Error(`the database lacks ${missing.join(', ')}: run npm run migrate first`);
}
