import { InputInvalid } from '@tenure/domain';
import { isKeptWhenAbsent, type ParameterisedStatement, parameterise, StatementInvalid } from './statement.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';

/** All statements of a target, ready to run. */
export type Statements = Readonly<Record<SqlStatementName, ParameterisedStatement>>;

interface Parameters {
  readonly may: readonly string[];
  /** One of each of these has to be used: a statement without it would speak of every account or group at once. */
  readonly must?: readonly (readonly string[])[];
}

const ref = ['nativeId', 'userName'];

/** What each statement may and has to use; `create` and `update` may also use the target's own attributes. */
const parameters: Readonly<Record<SqlStatementName, Parameters>> = {
  list: { may: ['page', 'limit'] },
  find: { may: ['userName'], must: [['userName']] },
  read: { may: ['nativeId'], must: [['nativeId']] },
  create: { may: ['userName', 'externalId', 'enabled'], must: [['userName']] },
  update: { may: [...ref, 'externalId'], must: [ref] },
  enable: { may: ref, must: [ref] },
  disable: { may: ref, must: [ref] },
  delete: { may: ref, must: [ref] },
  memberships: { may: ref, must: [ref] },
  addMember: { may: [...ref, 'entitlement'], must: [ref, ['entitlement']] },
  removeMember: { may: [...ref, 'entitlement', 'groupId'], must: [ref, ['entitlement', 'groupId']] },
};

/**
 * Reads the statements of a target.
 * @throws InputInvalid naming the first statement that is wrong, and why
 */
export function compileStatements(settings: SqlSettings): Statements {
  const compiled = Object.keys(parameters).map((name) => [name, compile(settings, name as SqlStatementName)] as const);
  return Object.fromEntries(compiled) as Statements;
}

function compile({ name: target, attributes, rules = {}, statements }: SqlSettings, name: SqlStatementName): ParameterisedStatement {
  const wrong = (message: string): InputInvalid => new InputInvalid(`${target}: statements.${name}: ${message}`, { target, statement: name });
  const { may, must = [] } = parameters[name];
  const known = new Set(name === 'create' || name === 'update' ? [...may, ...Object.keys(attributes)] : may);
  const statement = parameterised(statements[name], known, wrong);
  const missing = must.find((names) => !names.some((each) => statement.names.includes(each)));
  if (missing !== undefined) throw wrong(`${missing.map((each) => `:${each}`).join(' or ')} is not used, so it would speak of all at once`);
  const emptied = statement.names.find((each) => name === 'update' && rules[each]?.writeOnly === true && !isKeptWhenAbsent(statement, each));
  if (emptied !== undefined)
    throw wrong(`:${emptied} is writeOnly and NULL where it is not to change: write COALESCE(:${emptied}, ${emptied}), which keeps what is there`);
  return statement;
}

function parameterised(text: string, known: ReadonlySet<string>, wrong: (message: string) => InputInvalid): ParameterisedStatement {
  try {
    return parameterise(text, known);
  } catch (error) {
    throw error instanceof StatementInvalid ? wrong(error.message) : error;
  }
}
