import { migrate } from '@tenure/store';
import { sentence } from './run-tool.ts';

/**
 * Brings a database up to date.
 * @returns names of the migrations applied
 * @throws Error in one sentence that names the database without its password
 */
export async function mustMigrate(url: string): Promise<readonly string[]> {
  try {
    return await migrate(url);
  } catch (error) {
    const { hostname, port, pathname } = new URL(url);
    throw new Error(
      `The database ${pathname.slice(1)} on ${hostname}:${port || '5432'} cannot be used: ${sentence(error)}. Is PostgreSQL running there, and is the address right?`,
      { cause: error },
    );
  }
}
