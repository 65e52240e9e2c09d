/** A logger that writes an entry with its message; pino's does. */
interface EntryLogger {
  warn(entry: object, message: string): void;
  error(entry: object, message: string): void;
  info(entry: object, message: string): void;
}

/** Trouble in the log: a line when it begins, and one when it is over. */
export interface LoggedChanges {
  /** Logs the first failure of a key; the others are counted. @returns whether it was logged */
  failed(key: string, entry: object, message: string, level?: 'warn' | 'error'): boolean;
  /** Logs that a key works again, with how often it had failed and since when. Nothing where it had not failed. */
  recovered(key: string, message: string, entry?: object): void;
}

/** Milliseconds without a failure after which the next one is news again, though nobody said that it was over. */
const quiet = 15 * 60_000;
/** Keys that are remembered at most; then the one that failed longest ago is forgotten. */
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
