import { InputInvalid, type ParameterisedStatement, parameterise, SQL_PARAMETERS, StatementInvalid, statementNames } from '@tenure/domain';
import type { SqlSettings, SqlStatementName } from './settings.ts';

/** All statements of a target, ready to run. */
export type Statements = Readonly<Record<SqlStatementName, ParameterisedStatement>>;

/**
 * Reads the statements of a target.
 * @throws InputInvalid naming the first statement that is wrong, and why
 */
export function compileStatements(settings: SqlSettings): Statements {
  const attributes = Object.keys(settings.attributes);
  const names = Object.keys(SQL_PARAMETERS) as SqlStatementName[];
  return Object.fromEntries(names.map((name) => [name, compile(settings, name, statementNames(name, attributes))])) as Statements;
}

function compile(settings: SqlSettings, name: SqlStatementName, known: ReadonlySet<string>): ParameterisedStatement {
  try {
    return parameterise(settings.statements[name], known);
  } catch (error) {
    if (!(error instanceof StatementInvalid)) throw error;
    throw new InputInvalid(`${settings.name}: statements.${name}: ${error.message}`, { target: settings.name, statement: name });
  }
}
