import { type ConnectionCheck, failureOf, type Instant } from '@tenure/domain';
import type { StoredConnection } from '@tenure/store';

/** Milliseconds between tests of a connection that works. */
const whileWorking = 15 * 60_000;
/** Milliseconds after the first failure; twice as long after each further one, at most `longest`. */
const first = 15_000;
const longest = 5 * 60_000;

/** State of a connection to be stored after a test, with the time of its next test. */
export function nextConnection(before: StoredConnection, check: ConnectionCheck, by: string, now: Instant): StoredConnection {
  const isWorking = failureOf(check) === null;
  const failures = isWorking ? 0 : before.failures + 1;
  const pause = isWorking ? whileWorking : Math.min(first * 2 ** Math.min(failures - 1, 10), longest);
  return {
    ...before,
    result: check,
    isWorking,
    checkedAt: now,
    checkedBy: by,
    since: before.isWorking === isWorking ? before.since : now,
    failures,
    nextAt: new Date(Date.parse(now) + pause).toISOString(),
  };
}
