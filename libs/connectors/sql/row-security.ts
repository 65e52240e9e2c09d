import type { ParameterisedStatement } from '@tenure/domain';
import { DatabaseError } from 'pg';
import type { Session } from './database.ts';

/**
 * True if row security hides rows from a statement, for the user that Tenure connects as. With `row_security` off the database
 * refuses such a statement instead of hiding rows (PostgreSQL, section 5.9); it is only planned, not run.
 */
export async function isFilteredByRowSecurity(session: Session, statement: ParameterisedStatement): Promise<boolean> {
  try {
    await session.rehearse(() => Promise.all([session.command('SET LOCAL row_security = off'), session.explain(statement)]));
    return false;
  } catch (error) {
    if (error instanceof DatabaseError) return error.code === '42501';
    throw error;
  }
}
