import { DomainError } from '@tenure/domain';
import { DatabaseError } from 'pg';
import { codeOf, type Failures } from '../failures.ts';

/** Connection exception, transaction rollback (serialization, deadlock), insufficient resources, object not in a fit state (locked, a database that takes no connections just now), operator intervention. */
const temporaryClasses: ReadonlySet<string> = new Set(['08', '40', '53', '55', '57']);
/** read_only_sql_transaction: a standby, as seen during a failover. */
const temporaryStates: ReadonlySet<string> = new Set(['25006']);

/** SQLSTATEs (PostgreSQL, appendix A) that are handled by name. */
export const sqlState = { uniqueViolation: '23505', insufficientPrivilege: '42501' } as const;

/** Whether an error is this SQLSTATE. */
export function isState(error: unknown, state: string): error is DatabaseError {
  return error instanceof DatabaseError && error.code === state;
}

/** Whether the database understood and said no, so that the same again gives the same. */
export function isRefusal(error: unknown): error is DatabaseError & { readonly code: string } {
  return error instanceof DatabaseError && error.code !== undefined && !isTemporary(error.code) && !error.code.startsWith('28');
}

function isTemporary(state: string): boolean {
  return temporaryClasses.has(state.slice(0, 2)) || temporaryStates.has(state);
}

/** Our error for what the driver threw. The server's message stays in `cause`: it quotes values. */
export function translated(error: unknown, failures: Failures): DomainError {
  if (error instanceof DomainError) return error;
  const state = error instanceof DatabaseError ? error.code : undefined;
  if (state === undefined) return failures.unavailable('the connection failed', { reason: codeOf(error) }, { cause: error });
  const details = { sqlState: state };
  if (isTemporary(state)) return failures.unavailable(`it answered with SQLSTATE ${state}`, details, { cause: error });
  if (state.startsWith('28')) return failures.refused('it does not accept the user and its password', details, { cause: error });
  if (state === '3D000') return failures.refused('there is no such database: correct url', details, { cause: error });
  return failures.refused(`it refused with SQLSTATE ${state}`, details, { cause: error });
}
