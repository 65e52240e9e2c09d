import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answer of a path: a body with its content type. */
export interface ProbeAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface ProbeServer {
  /** Base address, `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ProbeServerSettings {
  /** Host to listen on; loopback unless configured, since there is no login here. */
  readonly host: string;
  /** Port; 0: any free one. */
  readonly port: number;
  /** Handlers by path. */
  readonly routes: Readonly<Record<string, () => Promise<ProbeAnswer>>>;
  readonly onError: (error: unknown) => void;
}

/** Answers GET on a few fixed paths, for probes and Prometheus. @throws errors of `listen`, such as EADDRINUSE */
export async function serveProbes({ host, port, routes, onError }: ProbeServerSettings): Promise<ProbeServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const answer = ({ status, type, body }: ProbeAnswer): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer({ status: 405, type: 'text/plain', body: 'GET only\n' });
    if (route === undefined) return answer({ status: 404, type: 'text/plain', body: `there are ${Object.keys(routes).join(', ')}\n` });
    route().then(answer, (error: unknown) => {
      onError(error);
      answer({ status: 500, type: 'text/plain', body: 'see the log\n' });
    });
  });
  server.requestTimeout = 10_000;
  server.maxRequestsPerSocket = 1000;
  await listening(server, host, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
