import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseUnavailable } from '@tenure/domain';
import { isConflict, isExhausted, isOutage } from './outage.ts';

/** One attempt at a transaction. */
export interface Attempt<T> {
  /** Runs the transaction. @param sent called with the result once only the commit is left to send */
  run(sent: (result: T, proof: CommitProof | null) => void): Promise<T>;
}

/** Returns true if a transaction has committed, after a lost connection. Waits while the server still executes it. */
export type CommitProof = () => Promise<boolean>;

/** Maximum number of attempts of work that meets a conflict. */
const mostTries = 5;
/** Shortest and longest wait between two attempts, in milliseconds: it doubles each time. */
const [firstPause, longestPause] = [50, 1000];

/**
 * Runs a transaction until it is stored. After a conflict it is retried at once, after a lost or refused connection for as long as `patience`
 * (milliseconds). A connection that is lost during the commit leaves its outcome unknown: the proof then determines it, so that nothing is
 * done twice.
 * @throws DatabaseUnavailable when the database did not answer in time, or has no disk space or memory left
 */
export async function persist<T>({ run }: Attempt<T>, patience: number): Promise<T> {
  let end: number | null = null;
  let pause = firstPause;
  /** Result of a commit that was sent and not answered yet; null: there is none. */
  let open = null as { readonly result: T; readonly proof: CommitProof | null } | null;
  /** True while the proof runs: its failure says nothing about the outcome of the transaction. */
  let isProving = false;
  for (let conflicts = 1; ; ) {
    try {
      if (open !== null) {
        if (open.proof === null) throw new DatabaseUnavailable('unknown');
        isProving = true;
        if (await open.proof()) return open.result;
        isProving = false;
        open = null;
      }
      return await run((result, proof) => {
        open = { result, proof };
      });
    } catch (error) {
      if (isOutage(error)) {
        end ??= performance.now() + patience;
        if (performance.now() + pause > end) throw new DatabaseUnavailable(open === null ? 'nothing' : 'unknown', { cause: error });
        await wait(pause);
        pause = Math.min(2 * pause, longestPause);
        continue;
      }
      if (isProving) {
        if (!isConflict(error) || conflicts === mostTries) throw new DatabaseUnavailable('unknown', { cause: error });
        conflicts += 1;
        continue;
      }
      if (isExhausted(error)) throw new DatabaseUnavailable('nothing', { cause: error });
      // The server has answered: the transaction has ended, and nothing of it was stored.
      open = null;
      if (!isConflict(error) || conflicts === mostTries) throw error;
      conflicts += 1;
    }
  }
}
