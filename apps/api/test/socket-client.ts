import { createRequire } from 'node:module';

/** The client side of a WebSocket, with headers, which browsers set and the built-in one cannot. */
interface Client {
  readyState: number;
  on(event: 'open' | 'close' | 'message' | 'error', heard: (first: unknown, second?: unknown) => void): void;
  send(text: string): void;
  close(): void;
}
const { WebSocket } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, protocol: string, options: { headers: Record<string, string> }) => Client;
};

export interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** One connection of protocol graphql-transport-ws. */
export interface Connection {
  readonly socket: Client;
  readonly closed: Promise<number>;
  send(message: object): void;
  /** The next message, within a minute. @throws Error once the connection is closed and all that came is read */
  next(): Promise<Message>;
}

/** @param address `ws://127.0.0.1:4000` */
export function openSocket(address: string, headers: Record<string, string> = {}): Promise<Connection> {
  const socket = new WebSocket(`${address}/graphql`, 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  let wake = (): void => undefined;
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as Message);
    wake();
  });
  let isClosed = false;
  const closed = new Promise<number>((resolve) =>
    socket.on('close', (code) => {
      isClosed = true;
      resolve(Number(code));
      wake();
    }),
  );
  const connection: Connection = {
    socket,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    async next() {
      const end = Date.now() + 60_000;
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) return message;
        if (isClosed) throw new Error('the connection is closed, and nothing came before');
        if (Date.now() > end) throw new Error('nothing came within a minute');
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 200);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(connection));
    socket.on('error', reject);
  });
}
