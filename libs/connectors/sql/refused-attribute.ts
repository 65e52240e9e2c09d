import type { AttributeValue, ParameterisedStatement } from '@tenure/domain';
import { DatabaseError } from 'pg';
import type { Session } from './database.ts';

type Values = Readonly<Record<string, AttributeValue | null>>;

/** A refused statement, with the values to be written. */
export interface RefusedWrite {
  readonly statement: ParameterisedStatement;
  readonly values: Values;
  /** Attributes to be changed; the others stay as they are. */
  readonly changed: readonly string[];
  /** Values to write for attributes that do not change: the current value, or NULL for a new account. */
  readonly unchanged: Values;
}

/**
 * Determines the attribute that causes a refusal. The database seldom names it, and its message quotes values, so the statement is run with one
 * changed attribute alone, or without one after the other, and rolled back each time.
 * @returns the first such attribute in the order of names; `null` if no single attribute is the cause
 */
export async function refusedAttribute(
  session: Session,
  refused: DatabaseError,
  { statement, values, changed, unchanged }: RefusedWrite,
): Promise<string | null> {
  const written = changed.filter((name) => statement.names.includes(name)).toSorted();
  const without = (names: readonly string[]): Promise<string | null> =>
    rehearsed(session, statement, { ...values, ...Object.fromEntries(names.map((name) => [name, unchanged[name] ?? null])) });
  const bare = await without(written);
  // An invalid format is reported before any other error of a new account with one attribute alone.
  const showsAlone = bare === null || (bare !== refused.code && refused.code?.startsWith('22') === true);
  if (showsAlone) for (const name of written) if ((await without(written.filter((other) => other !== name))) === refused.code) return name;
  for (const name of written) if ((await without([name])) === null) return name;
  return refused.column !== undefined && written.includes(refused.column) ? refused.column : null;
}

/** Runs a statement and rolls it back. @returns SQLSTATE of its failure; `null`: it succeeds */
export async function rehearsed(session: Session, statement: ParameterisedStatement, values: Values): Promise<string | null> {
  try {
    await session.rehearse(() => session.attempt(statement, values));
    return null;
  } catch (error) {
    if (error instanceof DatabaseError) return error.code ?? '';
    throw error;
  }
}
