import type { Client } from 'ldapts';
import { type ConnectProgress, followConnect } from '@tenure/outbound';
import { withDeadline } from '../deadline.ts';
import type { Failures } from '../failures.ts';
import { type LdapConnection, openConnection } from './connection.ts';
import { translated } from './failures.ts';
import type { LdapSettings } from './settings.ts';

/** Maximum number of connections: a directory answers hundreds of calls a second on one, and many allow only a few. */
const most = 4;

type Work<T> = (client: Client, renew: () => void) => Promise<T>;

/** Pool of bound connections, opened when needed, each used by one call at a time. */
export interface LdapPool {
  /**
   * Runs work on a connection. A failed or closed connection is discarded, so that the next call gets a new one. Work of many answers calls `renew`
   * after each of them: the next one has the same time and the same limit of its length.
   * @throws ConnectorUnavailable, ConnectorRefused: converted errors of the client
   */
  use<T>(work: Work<T>): Promise<T>;
  close(): Promise<void>;
}

/** Creates a pool. Opens no connection yet. */
export function createPool(settings: LdapSettings, failures: Failures): LdapPool {
  const idle: LdapConnection[] = [];
  const waiting: (() => void)[] = [];
  const size = Math.max(1, Math.min(settings.concurrency, most));
  let lent = 0;

  async function turn(signal: AbortSignal): Promise<void> {
    while (lent >= size) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
      if (signal.aborted) {
        waiting.shift()?.(); // the turn was given to a call that has ended
        throw signal.reason;
      }
    }
    lent += 1;
  }

  function takeIdle(): LdapConnection | null {
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (connection.isAlive()) return connection;
      connection.destroy();
    }
    return null;
  }

  async function lend<T>(work: Work<T>, signal: AbortSignal, progress: ConnectProgress, renewDeadline: () => void): Promise<T> {
    await turn(signal);
    try {
      const connection = takeIdle() ?? (await openConnection(settings, failures, signal, progress));
      return await lendOpen(connection, work, signal, progress, renewDeadline);
    } finally {
      lent -= 1;
      waiting.shift()?.();
    }
  }

  async function lendOpen<T>(connection: LdapConnection, work: Work<T>, signal: AbortSignal, progress: ConnectProgress, renewDeadline: () => void): Promise<T> {
    signal.addEventListener('abort', connection.destroy, { once: true });
    let wasTooLarge = connection.watch();
    const renew = (): void => {
      // An answer that was too large has ended the connection, and the next step says so.
      if (wasTooLarge()) return;
      wasTooLarge = connection.watch();
      renewDeadline();
    };
    try {
      return await work(connection.client, renew);
    } catch (error) {
      if (wasTooLarge()) throw failures.unavailable('its answer is too large', { reason: 'too-large' });
      throw translated(error, failures, progress);
    } finally {
      wasTooLarge();
      signal.removeEventListener('abort', connection.destroy);
      if (connection.isAlive()) idle.push(connection);
      else connection.destroy();
    }
  }

  return {
    use(work) {
      const progress = followConnect();
      return withDeadline(failures, settings.timeout, (signal, renew) => lend(work, signal, progress, renew), progress.timeOut);
    },
    async close() {
      const connections = idle.splice(0);
      await Promise.all(connections.map(({ client }) => client.unbind().catch(() => undefined)));
      for (const { destroy } of connections) destroy();
    },
  };
}
