import { ConnectorUnavailable } from '@tenure/domain';

/** Membership that is going to be written. */
export interface GroupWrite {
  /** The target's own id of the group. */
  readonly groupId: string;
  /** As policy writes it. */
  readonly entitlement: string;
  /** The target's own id of the account. */
  readonly memberId: string;
  /** Aborts the waiting for others. */
  readonly signal: AbortSignal;
}

/** The lease while it lasts. */
export interface GroupTurn {
  /**
   * Sends one whole group. When no answer comes back, it may still arrive: then nobody else gets the lease until it has run out.
   * @throws ConnectorUnavailable when the lease was lost, before anything is sent
   */
  write<T>(send: () => Promise<T>): Promise<T>;
  /** Says of these accounts that somebody else has written the group meanwhile: what was read of them may be true no more. */
  doubt(memberIds: readonly string[]): void;
}

/**
 * One writer at a time for a group that can only be written whole, over all workers: of two who read it, change it and write it,
 * the second would undo what the first did. After the lease nothing of what was read is believed any more.
 */
export interface GroupLease {
  /** @throws ConnectorUnavailable when others have it for too long */
  hold<T>(write: GroupWrite, work: (turn: GroupTurn) => Promise<T>): Promise<T>;
}

/** Among the callers of one process, first come, first served: enough where there is no other process, as in tests. */
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
