/** SQLSTATE: the server ends or begins, or takes no more connections; and what the network says when there is none. */
const outages: ReadonlySet<unknown> = new Set([
  ...['08000', '08001', '08003', '08004', '08006', '57P01', '57P02', '57P03', '57P05', '53300'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
]);

/** What the driver says without a code: a connection that ended, or one that could not be had in time. */
const spoken = /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed|Query read timeout/;

/** The server ended this transaction and may let the same one through at once: a deadlock, a conflict, a cancelled statement, an idle connection. */
const conflicts: ReadonlySet<unknown> = new Set(['40P01', '40001', '57014', '25P03']);

/** No room, memory or file: nothing was stored, and an operator is needed. */
const exhausted: ReadonlySet<unknown> = new Set(['53000', '53100', '53200', '58030', '58000']);

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '');

/** The connection to the database was lost or refused. */
export function isOutage(error: unknown): boolean {
  return outages.has(codeOf(error)) || spoken.test(messageOf(error));
}

/** The same transaction can succeed at once. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(codeOf(error));
}

/** The server has no disk or memory left. */
export function isExhausted(error: unknown): boolean {
  return exhausted.has(codeOf(error));
}
