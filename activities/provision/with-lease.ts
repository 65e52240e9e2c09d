import { randomUUID } from 'node:crypto';
import { ConnectorUnavailable } from '@tenure/domain';
import { isInTurn } from '@tenure/engine/provision';
import type { ActContext, Store, StoredAccount, Transaction } from '@tenure/store';

/** Requested turn. */
export interface LeaseWish<C> {
  readonly store: Store;
  readonly context: ActContext;
  readonly target: string;
  /** Takes the turn and reads the data for the work, together. @returns `null` when there is no such account */
  take(tx: Transaction, by: string, milliseconds: number): Promise<C | 'others' | null>;
}

/** The turn while it lasts. */
export interface Turn {
  /** Call between steps. @throws ConnectorUnavailable once the turn is lost */
  mustHold(): void;
  /** True if the turn is still held and the desired state is the same; false also when the database does not answer. Asked before each change. */
  isCurrent(): Promise<boolean>;
  /** Runs what may be the last transaction of the work: it releases the turn too, unless it returns `null`. */
  finish<T>(work: (tx: Transaction) => Promise<T | null>): Promise<T | null>;
}

/** Milliseconds until another worker takes over from one that was killed. */
const leaseTime = 20_000;
const renewEvery = 5_000;

/**
 * Takes the turn of speaking to a target about one account, and keeps it for as long as the work goes on. A worker that is killed, or loses the
 * database, loses it by no longer renewing it: so a leaver waits seconds for the next one, not a long call's time-out.
 * @returns the result of the work; `null` when there is no such account
 * @throws ConnectorUnavailable when another worker has the turn
 */
export async function withLease<C extends { readonly account: StoredAccount }, T>(
  { store, context, target, take }: LeaseWish<C>,
  work: (claimed: C, turn: Turn) => Promise<T>,
): Promise<T | null> {
  const by = randomUUID();
  const asked = performance.now();
  const claimed = await store.transaction(context, (tx) => take(tx, by, leaseTime));
  if (claimed === null) return null;
  if (claimed === 'others') throw new ConnectorUnavailable('another worker is provisioning this account', { target }, { retryAfter: 1000 });
  const { id } = claimed.account;
  let heldUntil = asked + leaseTime;
  let isGivenBack = false;
  const timer = setInterval(() => {
    const begun = performance.now();
    store
      .transaction(context, (tx) => tx.access.renewAccount(id, by, leaseTime))
      .then(
        (isHeld) => {
          heldUntil = isHeld ? begun + leaseTime : 0;
        },
        () => undefined, // the database is away: the next round, or the lease runs out
      );
  }, renewEvery);
  const turn: Turn = {
    mustHold() {
      if (performance.now() > heldUntil) throw new ConnectorUnavailable('the lease for this account was lost', { target });
    },
    isCurrent: () => isInTurn(store, claimed.account, by),
    async finish(last) {
      const result = await store.transaction(context, async (tx) => {
        const found = await last(tx);
        // After the person's turn, which the work takes: in the other order, decisions and this would deadlock.
        if (found !== null) await tx.access.releaseAccount(id, by);
        return found;
      });
      isGivenBack = result !== null;
      return result;
    },
  };
  try {
    return await work(claimed, turn);
  } finally {
    clearInterval(timer);
    // The error of the work is more useful than one of a database that is away at this moment; the lease expires by itself.
    if (!isGivenBack) await store.transaction(context, (tx) => tx.access.releaseAccount(id, by)).catch(() => undefined);
  }
}
