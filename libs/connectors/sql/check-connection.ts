import type { ConnectionLimit } from '@tenure/domain';
import type { Failures } from '../failures.ts';
import { isPlanned, type Session } from './database.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';
import type { Statements } from './statements.ts';

const accountColumns = ['native_id', 'user_name', 'external_id', 'enabled'];

/** Runs the reading statements for an account that does not exist, to check the columns of their results. */
export async function checkColumns(session: Session, statements: Statements, settings: SqlSettings, failures: Failures): Promise<readonly ConnectionLimit[]> {
  const limits: ConnectionLimit[] = [];
  for (const [name, { text }] of Object.entries(statements))
    if (!isPlanned(text)) limits.push({ code: 'STATEMENT_NOT_TESTED', message: `statements.${name} cannot be tested without doing it` });
  const { attributes, rules = {}, lastActivity } = settings;
  const shown = Object.keys(attributes).filter((name) => rules[name]?.writeOnly !== true);
  for (const name of ['list', 'find', 'read'] as const) {
    const columns = await mustHave(session, name, accountColumns);
    for (const attribute of [...shown, ...(lastActivity === undefined ? [] : [lastActivity])].filter((each) => !columns.has(each)))
      limits.push({
        code: 'ATTRIBUTE_NOT_SHOWN',
        message: `statements.${name} does not answer with the column ${attribute}: what is written there cannot be confirmed`,
      });
  }
  await mustHave(session, 'memberships', ['entitlement']);
  return limits;

  async function mustHave(on: Session, name: SqlStatementName, wanted: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { types } = await on.run(statements[name], { limit: 0 });
    const missing = wanted.filter((column) => !types.has(column));
    if (missing.length === 0) return types;
    const message = `statements.${name} of targets.${failures.target} has to answer with the columns ${wanted.join(', ')}: ${missing.join(', ')} is missing`;
    throw failures.refused(message, { reason: 'COLUMNS_MISSING', step: 'answers', statement: name });
  }
}
