import { ConnectorUnavailable } from '@tenure/domain';

/** A membership to be written. */
export interface GroupWrite {
  /** The target's own id of the group. */
  readonly groupId: string;
  /** Name of the entitlement in the policy. */
  readonly entitlement: string;
  /** The target's own id of the account. */
  readonly memberId: string;
  /** Aborts the wait for other writers. */
  readonly signal: AbortSignal;
}

/** An acquired lease. */
export interface GroupTurn {
  /**
   * Sends one whole group. Without an answer the request may still arrive: then nobody else gets the lease until it expires.
   * @throws ConnectorUnavailable, before anything is sent, when the lease was lost
   */
  write<T>(send: () => Promise<T>): Promise<T>;
  /** Reports accounts whose membership another writer has changed meanwhile: their observations may be outdated. */
  doubt(memberIds: readonly string[]): void;
}

/**
 * Lease for one writer at a time, over all workers, of a group that can only be written whole: of two that read, change and write it, the
 * second would undo the change of the first. Data that was read under the lease is no longer valid after it.
 */
export interface GroupLease {
  /** Runs work under the lease. @throws ConnectorUnavailable when others have it for too long */
  hold<T>(write: GroupWrite, work: (turn: GroupTurn) => Promise<T>): Promise<T>;
}

/** Lease among the callers of one process, first come, first served: enough without other processes, as in tests. */
export function leaseInProcess(): GroupLease {
  const queues = new Map<string, Promise<unknown>>();
  return {
    async hold({ groupId, signal }, work) {
      const before = queues.get(groupId);
      const { promise, resolve } = Promise.withResolvers<void>();
      const turn = Promise.resolve(before).then(() => promise);
      queues.set(groupId, turn);
      try {
        await before;
        if (signal.aborted) throw signal.reason ?? new ConnectorUnavailable('the time for this call is over');
        return await work({ write: (send) => send(), doubt: () => undefined });
      } finally {
        resolve();
        if (queues.get(groupId) === turn) queues.delete(groupId);
      }
    },
  };
}
