/** Codes of an outage: SQLSTATEs of a server that stops, starts or accepts no more connections, and errors of the network. */
const outages: ReadonlySet<unknown> = new Set([
  ...['08000', '08001', '08003', '08004', '08006', '57P01', '57P02', '57P03', '57P05', '53300'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
]);

/** Messages of the driver that have no code: a connection ended, or was not available in time. */
const spoken = /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed|Query read timeout/;

/** SQLSTATEs after which the same transaction may succeed at once: a deadlock, a conflict, a cancelled statement, an idle connection. */
const conflicts: ReadonlySet<unknown> = new Set(['40P01', '40001', '57014', '25P03']);

/** SQLSTATEs of a server without disk space, memory or a file: nothing was stored, and an operator is needed. */
const exhausted: ReadonlySet<unknown> = new Set(['53000', '53100', '53200', '58030', '58000']);

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '');

/** True if the connection to the database was lost or refused. */
export function isOutage(error: unknown): boolean {
  return outages.has(codeOf(error)) || spoken.test(messageOf(error));
}

/** True if the same transaction may succeed at once. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(codeOf(error));
}

/** True if the server has no disk space or memory left. */
export function isExhausted(error: unknown): boolean {
  return exhausted.has(codeOf(error));
}
