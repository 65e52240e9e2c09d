import { Client } from 'pg';

/** A connection that hears PostgreSQL's notifications. */
export interface Listener {
  stop(): Promise<void>;
}

/** Milliseconds before a lost connection is made again. */
const retryAfter = 1000;

/**
 * Calls `heard` with each notification's payload. Notifications are hints: those sent while the connection is lost are missed,
 * so whoever listens also looks from time to time. After a reconnect `heard` is called with an empty payload.
 */
export async function listen(url: string, channel: string, heard: (payload: string) => void, lost: (error: Error) => void): Promise<Listener> {
  let isStopped = false;
  let current: Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const client = new Client({ connectionString: url });
    client.on('notification', ({ payload }) => heard(payload ?? ''));
    client.on('error', (error) => {
      if (current !== client || isStopped) return;
      current = null;
      lost(error);
      again();
    });
    await client.connect();
    await client.query(`listen ${channel}`);
    current = client;
  };
  const again = (): void => {
    timer = setTimeout(() => {
      connect().then(() => heard(''), again);
    }, retryAfter);
  };
  await connect();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await current?.end();
    },
  };
}
