import { randomUUID } from 'node:crypto';
import { ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';

/** Whose turn is asked for. */
export interface LeaseWish {
  readonly store: Store;
  readonly context: ActContext;
  readonly accountId: string;
  readonly target: string;
}

/** Milliseconds until another worker takes over from one that was killed. */
const leaseTime = 20_000;
const renewEvery = 5_000;

/**
 * Takes the turn of speaking to a target about one account, and keeps it for as long as the work goes on. A worker that is killed,
 * or loses the database, gives it up by no longer renewing it: so a leaver waits seconds for the next one, not a long call's time-out.
 * @param work gets a check to call between steps, which throws once the turn is lost
 * @throws ConnectorUnavailable when another worker has the turn
 */
export async function withLease<T>({ store, context, accountId, target }: LeaseWish, work: (mustHold: () => void) => Promise<T>): Promise<T> {
  const by = randomUUID();
  const renew = (): Promise<boolean> => store.transaction(context, (tx) => tx.access.leaseAccount(accountId, by, leaseTime));
  if (!(await renew())) throw new ConnectorUnavailable('another worker is speaking to this target about this account', { target }, { retryAfter: 1000 });
  let heldUntil = performance.now() + leaseTime;
  const timer = setInterval(() => {
    const asked = performance.now();
    renew().then(
      (isHeld) => {
        heldUntil = isHeld ? asked + leaseTime : 0;
      },
      () => undefined, // the database is away: the next round, or the lease runs out
    );
  }, renewEvery);
  const mustHold = (): void => {
    if (performance.now() > heldUntil) throw new ConnectorUnavailable('the turn of speaking to this target was lost', { target });
  };
  try {
    return await work(mustHold);
  } finally {
    clearInterval(timer);
    // What the work threw says more than a database that is away at this moment; the lease runs out by itself.
    await store.transaction(context, (tx) => tx.access.releaseAccount(accountId, by)).catch(() => undefined);
  }
}
