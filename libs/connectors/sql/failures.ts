import { type ConnectionStep, DomainError } from '@tenure/domain';
import { DatabaseError } from 'pg';
import type { ConnectProgress } from '@tenure/outbound';
import type { Failures } from '../failures.ts';

/**
 * SQLSTATE classes of temporary failures: connection exception, transaction rollback (serialization, deadlock), insufficient resources,
 * object not in prerequisite state (locked, a database that accepts no connections at present), operator intervention.
 */
const temporaryClasses: ReadonlySet<string> = new Set(['08', '40', '53', '55', '57']);
/** SQLSTATEs of temporary failures: read_only_sql_transaction of a standby, as during a failover. */
const temporaryStates: ReadonlySet<string> = new Set(['25006']);

/** SQLSTATEs (PostgreSQL, appendix A) that are handled by name. */
export const sqlState = { foreignKeyViolation: '23503', notNullViolation: '23502', uniqueViolation: '23505', insufficientPrivilege: '42501' } as const;

/** True if the error has this SQLSTATE. */
export function isState(error: unknown, state: string): error is DatabaseError {
  return error instanceof DatabaseError && error.code === state;
}

/** True if the database understood the statement and refused it, so that the same statement fails again. */
export function isRefusal(error: unknown): error is DatabaseError & { readonly code: string } {
  return error instanceof DatabaseError && error.code !== undefined && !isTemporary(error.code) && !error.code.startsWith('28');
}

function isTemporary(state: string): boolean {
  return temporaryClasses.has(state.slice(0, 2)) || temporaryStates.has(state);
}

/** Failures of the whole target, not of one account, by SQLSTATE: the step that failed, the error text, and the remedy. */
const wholeTarget: Readonly<Record<string, readonly [step: ConnectionStep, wrong: string, remedy: (target: string) => string]>> = {
  '28000': ['credentials', 'it lets this user not connect from here', () => 'its pg_hba.conf needs an entry for the user, the database and TLS or none'],
  '28P01': ['credentials', 'it does not accept the user and its password', (target) => `check the user and the password in ${target}.url`],
  '3D000': ['answers', 'there is no such database', (target) => `check the name of the database in ${target}.url`],
};

/** Failure of the whole target for a SQLSTATE: error text, remedy and details; `null`: the state is not about the whole target. */
function whatIsMissing(state: string, target: string): { readonly message: string; readonly details: Readonly<Record<string, string>> } | null {
  const known = wholeTarget[state];
  if (known === undefined) return null;
  const [step, wrong, remedy] = known;
  return { message: `${wrong} (SQLSTATE ${state}): ${remedy(`targets.${target}`)}`, details: { sqlState: state, reason: `SQLSTATE_${state}`, step } };
}

/** Codes for errors of the driver without a code, by the start of its messages, which contain no text of the server. */
const words: readonly (readonly [start: string, code: string])[] = [
  ['The server does not support SSL', 'TLS_NOT_OFFERED'],
  ['There was an error establishing an SSL', 'TLS_CLOSED'],
  ['Connection terminated', 'CLOSED'],
];

/**
 * Converts an error of the driver. The server's message stays in `cause`: it quotes values.
 * @param progress of the newest connection
 */
export function translated(error: unknown, failures: Failures, progress: ConnectProgress): DomainError {
  if (error instanceof DomainError) return error;
  const state = error instanceof DatabaseError ? error.code : undefined;
  if (state === undefined) return failures.disconnected(error, codeOf(error, progress));
  const details = { sqlState: state, reason: `SQLSTATE_${state}` };
  const known = whatIsMissing(state, failures.target);
  if (known !== null) return failures.refused(known.message, known.details, { cause: error });
  if (isTemporary(state)) {
    return failures.unavailable(`it answered with SQLSTATE ${state}`, { ...details, step: 'answers' }, { cause: error });
  }
  if (state.startsWith('28')) {
    const message = `it does not accept the user and its password (SQLSTATE ${state}): check them in targets.${failures.target}.url`;
    return failures.refused(message, { ...details, step: 'credentials' }, { cause: error });
  }
  return failures.refused(`it refused with SQLSTATE ${state}`, details, { cause: error });
}

function codeOf(error: unknown, progress: ConnectProgress): string {
  const code = progress.codeOf(error);
  if (code !== 'unknown' || !(error instanceof Error)) return code;
  if (error.message.includes('timeout')) return progress.timeOut();
  return words.find(([start]) => error.message.startsWith(start))?.[1] ?? code;
}
