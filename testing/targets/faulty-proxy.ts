import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { listen, shut } from './listen.ts';

/** Faults between a client and a server that itself behaves. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** A page for people, with status 200. */
  | { readonly kind: 'html' }
  /** The server's answer, but only the first half of its body. */
  | { readonly kind: 'half-body' }
  /** Nothing at all, until the client times out. */
  | { readonly kind: 'silence' }
  /** The connection drops before the server has seen the request. */
  | { readonly kind: 'dropped' }
  /** The server has carried out the request, and the connection drops before it could answer. */
  | { readonly kind: 'answer-lost' }
  /** A body without end. */
  | { readonly kind: 'endless' }
  /**
   * The sender is ended before there is an answer: once the server has carried out the request or, with `late`, so many milliseconds before it does.
   */
  | { readonly kind: 'sender-gone'; readonly end: () => void; readonly late?: number };

/** A request that is passed on. */
export interface PassingRequest {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
}

/** A proxy in front of an HTTP server. */
export interface FaultyProxy {
  readonly url: string;
  /**
   * Plays a fault at the next requests.
   * @param times how many of them; all, until `behave`, unless given
   */
  play(fault: Fault, times?: number): void;
  /** Asks at each request which fault to play; `null`: none. */
  playFrom(choose: (request: PassingRequest) => Fault | null): void;
  /** Passes requests on again. */
  behave(): void;
  /** Method and path of all requests that reached it. */
  readonly seen: readonly string[];
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of the loopback interface. @param target address of the server, with its path */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { origin, pathname } = new URL(target);
  const seen: string[] = [];
  let next = (_request: PassingRequest): Fault | null => null;

  const server = createServer((request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    seen.push(`${method} ${path}`);
    handle(request, response, origin, next({ method, path })).catch(() => response.destroy());
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}${pathname}`,
    play(fault, times = Number.POSITIVE_INFINITY) {
      let left = times;
      next = () => (left-- > 0 ? fault : null);
    },
    playFrom(choose) {
      next = choose;
    },
    behave() {
      next = () => null;
    },
    seen,
    stop: () => shut(server),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, origin: string, fault: Fault | null): Promise<void> {
  const body = await all(request);
  switch (fault?.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title><p>Please sign in.');
      return;
    case 'silence':
      return;
    case 'dropped':
      request.socket.destroy();
      return;
    case 'endless':
      endless(response);
      return;
    case 'sender-gone':
      if (fault.late === undefined) await passOn(request, body, origin);
      fault.end();
      request.socket.destroy();
      if (fault.late === undefined) return;
      await wait(fault.late);
      await passOn(request, body, origin);
      return;
    default:
      await pass(request, body, response, origin, fault?.kind ?? null);
  }
}

async function pass(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  origin: string,
  fault: 'half-body' | 'answer-lost' | null,
): Promise<void> {
  const { answer, answered } = await passOn(request, body, origin);
  if (fault === 'answer-lost') {
    request.socket.destroy();
    return;
  }
  const { 'transfer-encoding': _encoding, 'content-length': _length, connection: _kept, ...kept } = answer.headers;
  if (fault === 'half-body') {
    // Without a length, so that only its JSON shows that something is missing.
    response.writeHead(answer.statusCode ?? 502, { ...kept, connection: 'close' }).end(answered.subarray(0, Math.floor(answered.length / 2)));
    return;
  }
  response.writeHead(answer.statusCode ?? 502, kept).end(answered);
}

async function passOn(request: IncomingMessage, body: Buffer, origin: string): Promise<{ readonly answer: IncomingMessage; readonly answered: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { host: _host, connection: _connection, ...headers } = request.headers;
  forward(`${origin}${request.url}`, { method: request.method, headers }, resolve).on('error', reject).end(body);
  const answer = await promise;
  return { answer, answered: await all(answer) };
}

function endless(response: ServerResponse): void {
  const part = Buffer.alloc(64 * 1024, ' ');
  response.writeHead(200, { 'content-type': 'application/scim+json' });
  const write = (): void => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', write).on('error', () => undefined);
  write();
}

async function all(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
