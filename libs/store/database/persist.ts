import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseUnavailable } from '@tenure/domain';
import { isConflict, isExhausted, isOutage } from './outage.ts';

/** One transaction, tried once. */
export interface Attempt<T> {
  /** @param sent called once everything was sent and only the commit is left, with what would be answered */
  run(sent: (result: T, proof: CommitProof | null) => void): Promise<T>;
}

/** Shows after a lost connection whether a transaction has committed. Waits while the server is still at it. */
export type CommitProof = () => Promise<boolean>;

/** Most attempts of work that meets a conflict. */
const mostTries = 5;
/** Milliseconds between two tries: doubled from the first to the last. */
const [firstPause, longestPause] = [50, 1000];

/**
 * Runs a transaction until it is stored. After a conflict it begins anew at once, after a lost or refused connection for as long as `patience`
 * (milliseconds) says. A connection that is lost during the commit leaves open whether that came to pass: then the proof says so, and
 * nothing is done twice.
 * @throws DatabaseUnavailable when the database did not answer in time, or has no room left
 */
export async function persist<T>({ run }: Attempt<T>, patience: number): Promise<T> {
  let end: number | null = null;
  let pause = firstPause;
  /** Set once a commit was sent whose answer is missing. */
  let open = null as { readonly result: T; readonly proof: CommitProof | null } | null;
  /** What goes wrong then is the proof, and says nothing of what it is about. */
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
      // The server has answered: this transaction is over, and nothing of it was stored.
      open = null;
      if (!isConflict(error) || conflicts === mostTries) throw error;
      conflicts += 1;
    }
  }
}
