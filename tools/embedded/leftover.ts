import { errorCode } from './error-code.ts';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { findProcess } from './process-table.ts';
import { until } from './until.ts';

const stopTimeout = 30_000;
const killTimeout = 5_000;

/** A server that an earlier start may have left running, because the process that started it was killed. */
export interface Leftover {
  readonly pid: number | undefined;
  /** Process id of the starter, as noted then. */
  readonly owner: number | undefined;
  /** Part of its command line that no other program has: ids are reused for new processes. */
  readonly mark: string;
  /** Name in messages: "PostgreSQL". */
  readonly name: string;
  readonly directory: string;
  /** The signal that stops it cleanly. */
  readonly signal: NodeJS.Signals;
}

/**
 * Stops a server that lost its owner and waits until it is gone.
 * @returns true if there was one
 * @throws EmbeddedServerError when its owner still runs: that is another Tenure at work, not a leftover
 */
export async function stopLeftover(leftover: Leftover): Promise<boolean> {
  const { pid, owner, name, directory } = leftover;
  if (pid === undefined) return false;
  const found = await findMarked(leftover);
  if (!found) return false;
  // The system gives an orphan a new parent, so the old one as parent proves that it still runs.
  if (found.parent === owner) {
    throw new EmbeddedServerError(`${name} in ${directory} is already running, started by process ${owner}: stop it first, or use another directory.`);
  }
  if (await signalAndWait(leftover, pid, leftover.signal, stopTimeout)) return true;
  if (await signalAndWait(leftover, pid, 'SIGKILL', killTimeout)) return true;
  throw new EmbeddedServerError(`${name} from an earlier start (process ${pid}) does not stop: end it by hand.`);
}

async function findMarked({ pid, mark }: Leftover) {
  const found = pid === undefined ? null : await findProcess(pid);
  return found?.command.includes(mark) ? found : null;
}

async function signalAndWait(leftover: Leftover, pid: number, signal: NodeJS.Signals, timeout: number): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone between the look and the signal, or another user's: the wait shows which.
    if (errorCode(error) === undefined) throw error;
  }
  const gone = await until(async () => ((await findMarked(leftover)) ? undefined : true), { timeout });
  return gone === true;
}
