import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { GroupLease, GroupTurn, GroupWrite } from '@tenure/connectors';
import { ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, Store, Transaction } from '@tenure/store';
import type { Logger } from 'pino';

export interface GroupLeaseDependencies {
  readonly store: Store;
  readonly target: string;
  readonly clock: () => string;
  readonly logger: Pick<Logger, 'warn'>;
  /** Milliseconds until another worker takes over from one that was killed. */
  readonly leaseTime?: number;
}

const usualLeaseTime = 20_000;
/** Milliseconds between two checks whether others have released the lease. */
const pollEvery = 100;

/**
 * Ensures one writer per group of a target over all workers, by a lease in PostgreSQL. A worker that is killed, or loses the database, loses it by no
 * longer renewing it.
 */
export function createGroupLease({ store, target, clock, logger, leaseTime = usualLeaseTime }: GroupLeaseDependencies): GroupLease {
  const queues = new Map<string, Promise<void>>();
  const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const context: ActContext = { actor: { kind: 'system', id: 'group-lease' }, correlationId: randomUUID(), now: clock() };
    return store.transaction(context, work);
  };

  /** Runs work in turn: in one process first come, first served, so only one caller of it asks the database. */
  async function inTurn<T>(groupId: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(groupId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = Promise.resolve(before).then(() => promise);
    queues.set(groupId, turn);
    try {
      await before;
      return await work();
    } finally {
      resolve();
      if (queues.get(groupId) === turn) queues.delete(groupId);
    }
  }

  /** @returns instant until which the lease is surely ours, by this process's clock */
  async function claim({ groupId, entitlement, signal }: GroupWrite, by: string): Promise<number> {
    while (!signal.aborted) {
      const begun = performance.now();
      if (await transaction((tx) => tx.groupLeases.claim({ target, groupId }, by, leaseTime))) return begun + leaseTime;
      await wait(pollEvery, null, { signal }).catch(() => undefined);
    }
    throw new ConnectorUnavailable('another worker is writing this group', { target, entitlement }, { retryAfter: 1000 });
  }

  /** Releases the leases, all or none: one that is not released expires, and its next owner reads the memberships again. */
  async function giveBack(write: GroupWrite, by: string, hasWritten: boolean, doubted: readonly string[]): Promise<void> {
    const { groupId, entitlement, memberId } = write;
    const woken = await transaction(async (tx) => {
      if (hasWritten) await tx.groupLeases.written({ target, groupId, entitlement, nativeId: memberId });
      const identities = await tx.groupLeases.unconfirm({ target, groupId, entitlement }, doubted);
      await wake(tx, identities);
      await tx.groupLeases.release({ target, groupId }, by);
      return identities.length;
    });
    if (woken > 0)
      logger.warn({ target, entitlement, accounts: woken }, 'a group was written at the same time by somebody else; its memberships are read again');
  }

  async function held<T>(write: GroupWrite, work: (turn: GroupTurn) => Promise<T>): Promise<T> {
    const group = { target, groupId: write.groupId };
    const by = randomUUID();
    let heldUntil = await claim(write, by);
    const timer = setInterval(() => {
      const begun = performance.now();
      transaction((tx) => tx.groupLeases.renew(group, by, leaseTime)).then(
        (isHeld) => {
          heldUntil = isHeld ? begun + leaseTime : 0;
        },
        () => undefined, // the database is away: the next round, or the lease runs out
      );
    }, leaseTime / 4);
    const doubted = new Set<string>();
    let [isUnderWay, hasWritten] = [false, false];
    const turn: GroupTurn = {
      async write(send) {
        if (performance.now() > heldUntil) throw new ConnectorUnavailable('the lease for writing this group was lost', { target });
        isUnderWay = true;
        hasWritten = true;
        try {
          const answer = await send();
          isUnderWay = false;
          return answer;
        } catch (error) {
          isUnderWay = !(error instanceof ConnectorRefused);
          throw error;
        }
      },
      doubt(memberIds) {
        for (const id of memberIds) doubted.add(id);
      },
    };
    try {
      return await work(turn);
    } finally {
      clearInterval(timer);
      // A request that was sent and not answered may arrive later: nobody writes the group until the lease has expired.
      if (!isUnderWay)
        await giveBack(write, by, hasWritten, [...doubted]).catch((error: unknown) => logger.warn({ err: error, target }, 'a lease could not be released'));
    }
  }

  return { hold: (write, work) => inTurn(write.groupId, () => held(write, work)) };
}

/** Milliseconds after which no request arrives any more from a worker whose lease expired. */
const late = 60_000;

/** Has memberships read again that were written to groups while another writer, who was believed to be gone, may have come late. */
export async function settleGroupDoubts(tx: Transaction, milliseconds = late): Promise<number> {
  const identities = await tx.groupLeases.settleDoubts(milliseconds);
  await wake(tx, identities);
  return identities.length;
}

async function wake(tx: Transaction, identities: readonly string[]): Promise<void> {
  const message = { trigger: 'restart', urgent: false, correlationId: tx.context.correlationId, createdAt: tx.context.now } as const;
  for (const identityId of identities) await tx.outbox.add({ ...message, identityId });
}
