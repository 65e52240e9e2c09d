import { InputInvalid } from '@tenure/domain';
import { type ParameterisedStatement, parameterise, StatementInvalid } from './statement.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';

/** All statements of a target, ready to run. */
export type Statements = Readonly<Record<SqlStatementName, ParameterisedStatement>>;

const ref = ['nativeId', 'userName'];

/** What each statement may use; `create` and `update` also the target's own attributes. */
const parameters: Readonly<Record<SqlStatementName, readonly string[]>> = {
  list: ['page', 'limit'],
  find: ['userName'],
  read: ['nativeId'],
  create: ['userName', 'externalId', 'enabled'],
  update: [...ref, 'externalId'],
  enable: ref,
  disable: ref,
  delete: ref,
  memberships: ref,
  addMember: [...ref, 'entitlement'],
  removeMember: [...ref, 'entitlement'],
};

/**
 * Reads the statements of a target.
 * @throws InputInvalid naming the first statement that is wrong, and why
 */
export function compileStatements(settings: SqlSettings): Statements {
  const attributes = Object.keys(settings.attributes);
  const compiled = Object.entries(parameters).map(([name, own]) => {
    const known = new Set(name === 'create' || name === 'update' ? [...own, ...attributes] : own);
    return [name, compile(settings, name as SqlStatementName, known)] as const;
  });
  return Object.fromEntries(compiled) as Statements;
}

function compile(settings: SqlSettings, name: SqlStatementName, known: ReadonlySet<string>): ParameterisedStatement {
  try {
    return parameterise(settings.statements[name], known);
  } catch (error) {
    if (!(error instanceof StatementInvalid)) throw error;
    throw new InputInvalid(`${settings.name}: statements.${name}: ${error.message}`, { target: settings.name, statement: name });
  }
}
