import { ConfigurationInvalid } from '@tenure/domain';
import { migrate } from '@tenure/store';
import { sentence } from './run-tool.ts';

/**
 * Migrates a database.
 * @returns names of the migrations applied
 * @throws Error in one sentence that names the database without its password
 */
export async function mustMigrate(url: string, by: typeof migrate = migrate): Promise<readonly string[]> {
  try {
    return await by(url);
  } catch (error) {
    const { hostname, port, pathname } = new URL(url);
    const database = `The database ${pathname.slice(1)} on ${hostname}:${port || '5432'} cannot be used`;
    // It answers, and is too old: nobody is to look for it elsewhere.
    if (error instanceof ConfigurationInvalid) throw new Error(`${database}: ${error.problems.map(({ message }) => message).join(' ')}`, { cause: error });
    throw new Error(`${database}: ${sentence(error)}. Is PostgreSQL running there, and is the address right?`, { cause: error });
  }
}
