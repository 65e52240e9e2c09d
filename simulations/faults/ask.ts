import { Client } from 'pg';

/**
 * Sends one query to Tenure's database, by a connection of its own.
 * @throws the driver's error; also when PostgreSQL is killed meanwhile, which a connection without a listener would make an uncaught error
 */
export async function ask<T extends object>(databaseUrl: string, sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the question fails by itself, and after it nobody cares
  await client.connect();
  try {
    return (await client.query<T>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
