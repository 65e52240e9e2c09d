import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Behaviour of a link. */
export type LinkState =
  | 'open'
  /** Accepts everything, answers nothing. */
  | 'silent'
  /** Forwards requests and drops the connection instead of the first answer. */
  | 'answer-lost';

/** Test helper: a TCP connection to a real target of any protocol that can be made to fail. */
export interface FlakyLink {
  readonly host: string;
  readonly port: number;
  set(state: LinkState): void;
  /** Stops listening, and cuts all connections. */
  down(): Promise<void>;
  /** Listens at the same port again. */
  up(): Promise<void>;
  /** Cuts the current connections; new ones are accepted. */
  drop(): void;
}

/** Opens a link to a target on this machine. */
export async function openLink(target: { readonly host: string; readonly port: number }): Promise<FlakyLink> {
  const sockets = new Set<Socket>();
  let state: LinkState = 'open';
  let isDown = false;

  function track(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  }

  const server = createServer((client) => {
    track(client);
    // This connection was accepted before the server stopped listening, and closing waits for it.
    if (isDown) {
      client.destroy();
      return;
    }
    const upstream = track(connect(target.port, target.host));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.on('data', (data) => {
      if (state !== 'silent') upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (state === 'open') client.write(data);
      if (state === 'answer-lost') client.destroy();
    });
  });

  const listen = async (port: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
    await promise;
    server.off('error', reject);
  };
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    set(next) {
      state = next;
    },
    async down() {
      const { promise, resolve } = Promise.withResolvers<void>();
      isDown = true;
      server.close(() => resolve());
      drop();
      await promise;
    },
    async up() {
      isDown = false;
      await listen(port);
    },
    drop,
  };
}
