import type { AttributeValue, ParameterisedStatement } from '@tenure/domain';
import { DatabaseError } from 'pg';
import type { Session } from './database.ts';

type Values = Readonly<Record<string, AttributeValue | null>>;

/** A statement that was refused, with what it was to write. */
export interface RefusedWrite {
  readonly statement: ParameterisedStatement;
  readonly values: Values;
  /** Attributes that it was to write anew; the others it leaves as they are. */
  readonly changed: readonly string[];
  /** Values to write for attributes that do not change: the value that is there, or NULL for a new account. */
  readonly unchanged: Values;
}

/**
 * The attribute because of which a statement is refused: the database seldom says it, and what it says quotes values. So the statement is
 * rehearsed with one changed attribute alone, or without one after the other, and each time undone.
 * @returns the first one in the order of names; `null` where no single attribute is the cause
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
  // A form that is wrong shows before anything else that may be wrong with a new account that has one attribute alone.
  const showsAlone = bare === null || (bare !== refused.code && refused.code?.startsWith('22') === true);
  if (showsAlone) for (const name of written) if ((await without(written.filter((other) => other !== name))) === refused.code) return name;
  for (const name of written) if ((await without([name])) === null) return name;
  return refused.column !== undefined && written.includes(refused.column) ? refused.column : null;
}

/** Runs a statement and undoes it. @returns its SQLSTATE; `null`: it would do */
export async function rehearsed(session: Session, statement: ParameterisedStatement, values: Values): Promise<string | null> {
  try {
    await session.rehearse(() => session.attempt(statement, values));
    return null;
  } catch (error) {
    if (error instanceof DatabaseError) return error.code ?? '';
    throw error;
  }
}
