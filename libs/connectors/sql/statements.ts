import { compileSqlStatement, InputInvalid, type ParameterisedStatement, SQL_STATEMENT_NAMES, StatementInvalid } from '@tenure/domain';
import type { SqlSettings, SqlStatementName } from './settings.ts';

/** All statements of a target, ready to run. */
export type Statements = Readonly<Record<SqlStatementName, ParameterisedStatement>>;

/**
 * Reads the statements of a target.
 * @throws InputInvalid with the first wrong statement and the reason
 */
export function compileStatements({ name: target, attributes, rules = {}, statements }: SqlSettings): Statements {
  const names = Object.keys(attributes);
  const wanted = { attributes: names, writeOnly: names.filter((each) => rules[each]?.writeOnly === true) };
  const compile = (name: SqlStatementName): ParameterisedStatement => {
    try {
      return compileSqlStatement(name, statements[name], wanted);
    } catch (error) {
      if (!(error instanceof StatementInvalid)) throw error;
      throw new InputInvalid(`${target}: statements.${name}: ${error.message}`, { target, statement: name });
    }
  };
  return Object.fromEntries(SQL_STATEMENT_NAMES.map((name) => [name, compile(name)])) as Statements;
}
