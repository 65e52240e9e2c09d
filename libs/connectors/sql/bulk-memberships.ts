import { type ParameterisedStatement, replaceNames } from '@tenure/domain';
import { DatabaseError } from 'pg';
import { type Answer, isPlanned, type Session } from './database.ts';
import type { AccountRow } from './rows.ts';

/** Rows of `memberships` of one account, with the types of their columns. */
export type MembershipRows = Pick<Answer, 'rows' | 'types'>;

/**
 * Reads the memberships of many accounts by one statement: `memberships` for each of a list of accounts.
 * @returns rows by native id; `null`: the statement cannot be part of another one, so each account is asked for by itself
 */
export type BulkMemberships = (session: Session, rows: readonly AccountRow[]) => Promise<ReadonlyMap<string, MembershipRows> | null>;

/** Name of the list of accounts within the statement, which no statement of a configuration uses. */
const accounts = 'tenure_account';
const columns: Readonly<Record<string, string>> = { nativeId: 'native_id', userName: 'user_name' };

/** @param source the statement as it is configured @param single the same, for one account */
export function bulkMembershipsOf(source: string, single: ParameterisedStatement): BulkMemberships {
  let prepared: Promise<ParameterisedStatement | null> | null = null;

  async function prepare(session: Session): Promise<ParameterisedStatement | null> {
    if (!isPlanned(single.text)) return null;
    try {
      const statement = nested(source, single, await typesOf(session, single));
      await session.rehearse(() => session.explain(statement));
      return statement;
    } catch (error) {
      // Such as a function that returns several results, or a change within the statement.
      if (error instanceof DatabaseError) return null;
      throw error;
    }
  }

  return async (session, rows) => {
    prepared ??= prepare(session).catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    const statement = await prepared;
    if (statement === null) return null;
    const values = { nativeIds: rows.map(({ native_id }) => native_id), userNames: rows.map(({ user_name }) => user_name) };
    const { rows: found, types } = await session.run(statement, values).catch((error: unknown) => {
      // Such as a column whose type was changed: the next page prepares it anew.
      prepared = null;
      throw error;
    });
    const byAccount = new Map<string, { rows: unknown[]; types: Answer['types'] }>(rows.map(({ native_id }) => [native_id, { rows: [], types }]));
    for (const row of found as readonly Readonly<Record<string, unknown>>[]) byAccount.get(String(row[accounts]))?.rows.push(row);
    return byAccount;
  };
}

function nested(source: string, { names }: ParameterisedStatement, types: readonly string[]): ParameterisedStatement {
  const inner = replaceNames(source, (name) => `(${accounts}.${columns[name]})::${types[names.indexOf(name)] ?? 'text'}`);
  // The statement may end with a line comment.
  const text = `SELECT ${accounts}.native_id AS ${accounts}, memberships.* FROM unnest($1::text[], $2::text[]) AS ${accounts} (native_id, user_name) CROSS JOIN LATERAL (\n${inner}\n) AS memberships`;
  return { text, names: ['nativeIds', 'userNames'] };
}

/** Types that the database infers for the parameters of a statement. */
async function typesOf(session: Session, { text }: ParameterisedStatement): Promise<readonly string[]> {
  await session.rehearse(() => session.command(`PREPARE ${accounts} AS ${text}`));
  const read = `SELECT array_to_json(parameter_types)::text AS types FROM pg_catalog.pg_prepared_statements WHERE name = '${accounts}'`;
  const { rows } = await session.run({ text: read, names: [] }, {});
  // Prepared statements outlive the transaction.
  await session.command(`DEALLOCATE ${accounts}`);
  const [row] = rows as readonly { readonly types: string }[];
  return JSON.parse(row?.types ?? '[]') as readonly string[];
}
