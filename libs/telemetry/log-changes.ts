/** A logger that writes an entry with its message, such as pino's. */
interface EntryLogger {
  warn(entry: object, message: string): void;
  error(entry: object, message: string): void;
  info(entry: object, message: string): void;
}

/** Log of lasting failures: one line when a failure begins, and one when it ends. */
export interface LoggedChanges {
  /** Logs the first failure of a key; further ones are counted. @returns true if it was logged */
  failed(key: string, entry: object, message: string, level?: 'warn' | 'error'): boolean;
  /** Logs that a key works again, with the number of failures and the begin of the first. Nothing if it had not failed. */
  recovered(key: string, message: string, entry?: object): void;
}

/** Milliseconds without a failure after which the next one is logged again, even without a recovery. */
const quiet = 15 * 60_000;
/** Maximum number of stored keys; beyond that, the one with the oldest failure is deleted. */
const mostKeys = 1000;

export function logChanges(logger: EntryLogger, clock: () => number = Date.now): LoggedChanges {
  const known = new Map<string, { readonly since: number; last: number; failures: number }>();
  return {
    failed(key, entry, message, level = 'warn') {
      const at = clock();
      const before = known.get(key);
      known.delete(key);
      if (before !== undefined && at - before.last < quiet) {
        known.set(key, { ...before, last: at, failures: before.failures + 1 });
        return false;
      }
      const more = before === undefined ? {} : { failedBefore: before.failures, failedBeforeSince: iso(before.since), failedBeforeUntil: iso(before.last) };
      known.set(key, { since: at, last: at, failures: 1 });
      for (const oldest of known.keys()) if (known.size > mostKeys) known.delete(oldest);
      logger[level]({ ...entry, ...more }, message);
      return true;
    },
    recovered(key, message, entry = {}) {
      const before = known.get(key);
      if (before === undefined) return;
      known.delete(key);
      logger.info({ ...entry, failures: before.failures, since: iso(before.since) }, message);
    },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
