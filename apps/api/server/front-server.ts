import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { usualPatience } from './patience.ts';

/** The port that people reach, whichever app answers there. */
export interface FrontServer {
  /** @returns the port */
  listen(port: number, host: string): Promise<number>;
  /** Makes this app answer new requests. Requests under way end with the previous one, which is closed after that, its subscriptions too. */
  replace(next: NestFastifyApplication): void;
  /** Lets requests under way finish, then closes the app. */
  close(): Promise<void>;
}

interface Serving {
  readonly app: NestFastifyApplication;
  /** Never listens: requests are handed to it. */
  readonly server: Server;
  underWay: number;
  whenIdle: () => void;
}

/**
 * Creates one server before a whole app for each configuration version, so that every request sees one version from its beginning to its end, and no
 * part of the app has to determine which one that is. @param closed called when closing an app has failed
 */
export function createFrontServer(first: NestFastifyApplication, closed: (error: unknown) => void): FrontServer {
  let current = serving(first);
  const front = createServer({
    headersTimeout: usualPatience.headers,
    requestTimeout: usualPatience.request,
    keepAliveTimeout: usualPatience.idle,
    connectionsCheckingInterval: 5_000,
  });
  front.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const mine = current;
    mine.underWay += 1;
    response.once('close', () => {
      mine.underWay -= 1;
      if (mine.underWay === 0) mine.whenIdle();
    });
    mine.server.emit('request', request, response);
  });
  front.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => void current.server.emit('upgrade', request, socket, head));
  front.on('clientError', (error: Error, socket: Socket) => void current.server.emit('clientError', error, socket));

  const closeWhenIdle = async (one: Serving): Promise<void> => {
    if (one.underWay > 0) await new Promise<void>((resolve) => (one.whenIdle = resolve));
    await one.app.close();
  };
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        front.once('error', reject);
        front.listen(port, host, () => {
          front.off('error', reject);
          resolve((front.address() as AddressInfo).port);
        });
      }),
    replace(next) {
      const before = current;
      current = serving(next);
      closeWhenIdle(before).catch(closed);
    },
    async close() {
      const isClosed = new Promise<void>((resolve) => front.close(() => resolve()));
      front.closeIdleConnections();
      await closeWhenIdle(current);
      front.closeIdleConnections();
      await isClosed;
    },
  };
}

function serving(app: NestFastifyApplication): Serving {
  return { app, server: app.getHttpServer() as Server, underWay: 0, whenIdle: () => undefined };
}
