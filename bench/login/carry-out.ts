import pg from 'pg';

/** Marks the desired states as carried out, as a worker does: the state of a person who logs in every day. */
export async function carryOut(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(`update operation set status = 'done', finished_at = created_at where status <> 'done'`);
    await client.query('update account set confirmed_at = desired_since, existed = true where confirmed_at is null');
  } finally {
    await client.end();
  }
}
