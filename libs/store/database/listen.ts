import { Client } from 'pg';

/** A connection that receives PostgreSQL's notifications. */
export interface Listener {
  stop(): Promise<void>;
}

/** Times of a listener, in milliseconds. */
export interface ListenTimes {
  /** Interval between two checks that the other end still answers. */
  readonly every: number;
  /** Timeout of an answer, that to a new connection included. */
  readonly patience: number;
}

/** Milliseconds before a lost connection is reopened. */
const retryAfter = 1000;
const usualTimes: ListenTimes = { every: 20_000, patience: 10_000 };

/**
 * Calls `heard` with each notification's payload. Notifications are hints: those sent while the connection is lost are missed,
 * so callers also poll from time to time. After a reconnect `heard` is called with an empty payload.
 * A listener sends nothing by itself, so a connection whose other end disappears silently would look alive for ever: it is probed.
 */
export async function listen(
  url: string,
  channel: string,
  heard: (payload: string) => void,
  lost: (error: Error) => void,
  { every, patience }: ListenTimes = usualTimes,
): Promise<Listener> {
  let isStopped = false;
  let current: Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: patience, query_timeout: patience });
    client.on('notification', ({ payload }) => heard(payload ?? ''));
    client.on('error', (error) => lose(client, error));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
    } catch (error) {
      drop(client);
      throw error;
    }
    current = client;
    if (isStopped) drop(client);
  };
  const lose = (client: Client, error: Error): void => {
    if (current !== client || isStopped) return;
    current = null;
    drop(client);
    lost(error);
    again();
  };
  const again = (): void => {
    timer = setTimeout(() => {
      connect().then(() => heard(''), again);
    }, retryAfter);
  };
  await connect();
  const asking = setInterval(() => {
    const client = current;
    client?.query('select 1').catch((error: Error) => lose(client, error));
  }, every);
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      clearInterval(asking);
      await current?.end();
    },
  };
}

/** Closes a lost connection without waiting for the server. */
function drop(client: Client): void {
  client.end().catch(() => undefined);
}
