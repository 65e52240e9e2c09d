import type { ConnectionLimit } from '@tenure/domain';
import { DatabaseError } from 'pg';
import type { Failures } from '../failures.ts';
import type { Session } from './database.ts';
import { whatIsMissing } from './failures.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';
import type { Statements } from './statements.ts';

/** What PostgreSQL can plan without doing it. */
const explained = /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:select|insert|update|delete|merge|with|values)\b/i;
const accountColumns = ['native_id', 'user_name', 'external_id', 'enabled'];

/**
 * Has every statement planned, which finds tables, columns and rights that are missing without doing anything, and runs those that only
 * read, for nobody, to see what columns they answer with.
 */
export async function checkStatements(
  session: Session,
  statements: Statements,
  settings: SqlSettings,
  failures: Failures,
): Promise<readonly ConnectionLimit[]> {
  const limits: ConnectionLimit[] = [];
  for (const [name, { text, names }] of Object.entries(statements)) {
    if (!explained.test(text)) limits.push({ code: 'STATEMENT_NOT_TESTED', message: `statements.${name} cannot be tested without doing it` });
    else await named(name, failures, () => session.run({ text: `EXPLAIN ${text}`, names }, {}));
  }
  const attributes = [...Object.keys(settings.attributes), ...(settings.lastActivity === undefined ? [] : [settings.lastActivity])];
  for (const name of ['list', 'find', 'read'] as const) {
    const columns = await named(name, failures, () => session.columns(statements[name], { limit: 0 }));
    mustHave(name, accountColumns, columns, failures);
    for (const attribute of attributes.filter((each) => !columns.includes(each)))
      limits.push({
        code: 'ATTRIBUTE_NOT_SHOWN',
        message: `statements.${name} does not answer with the column ${attribute}: what is written there cannot be confirmed`,
      });
  }
  mustHave('memberships', ['entitlement'], await named('memberships', failures, () => session.columns(statements.memberships, {})), failures);
  return limits;
}

function mustHave(name: SqlStatementName, wanted: readonly string[], columns: readonly string[], failures: Failures): void {
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  const message = `statements.${name} of targets.${failures.target} has to answer with the columns ${wanted.join(', ')}: ${missing.join(', ')} is missing`;
  throw failures.refused(message, { reason: 'COLUMNS_MISSING', step: 'answers', statement: name });
}

async function named<T>(name: string, failures: Failures, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const what = error instanceof DatabaseError && error.code !== undefined ? whatIsMissing(error.code, failures.target) : null;
    if (what === null) throw error;
    throw failures.refused(`statements.${name}: ${what.message}`, { ...what.details, statement: name }, { cause: error });
  }
}
