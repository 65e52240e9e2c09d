import { type Failures, ofTarget } from '../failures.ts';
import type { Answer } from './database.ts';
import { idIn } from './rows.ts';
import type { SqlStatementName } from './settings.ts';

/**
 * Refuses a statement that also changes other accounts, so that the transaction is rolled back: a wrong WHERE could disable everybody. A
 * statement that must change several rows of one account returns the id of each (`RETURNING … AS native_id`).
 */
export function mustConcernOne(failures: Failures, name: SqlStatementName, { changed, rows }: Answer, nativeId: string): void {
  const ids = rows.flatMap((row) => idIn(row, 'native_id') ?? []);
  const isOfOne = ids.length > 0 && ids.every((id) => id === nativeId);
  if (ids.length > 0 && !isOfOne) throw tooMany(failures, name, 'it returns the native_id of another account');
  // An account is in many groups, and a membership may have several rows.
  if (name === 'addMember' || name === 'removeMember' || isOfOne || changed === null || changed <= 1) return;
  throw tooMany(failures, name, `it changes ${changed} rows for one account`);
}

function tooMany(failures: Failures, name: SqlStatementName, why: string): Error {
  return failures.refused(
    `statements.${name} was undone: ${why}. Correct its WHERE; if one account has several rows, return the id of each: RETURNING … AS native_id`,
    { ...ofTarget, statement: name, reason: 'too-many-rows' },
  );
}

/** Error for a statement that changed no row and did not have its intended effect. */
export function withoutEffect(failures: Failures, name: SqlStatementName, shown: string, remedy: string): Error {
  return failures.refused(`statements.${name} changed no row, and ${shown}: ${remedy}`, { statement: name, reason: 'no-effect' });
}
