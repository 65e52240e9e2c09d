import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * Plays the network between Tenure and a Temporal that takes TLS only, as Temporal Cloud does: it demands a client certificate of its authority and an API key
 * for each call, refuses calls that an operator alone may make, and hands all others to the real server.
 */
export interface TemporalGateway {
  /** `localhost:port`. */
  readonly address: string;
  /** Accepted calls, with their client and credential. */
  readonly calls: { readonly method: string; readonly client: string; readonly authorization: string }[];
  /** Names of calls that are refused with PERMISSION_DENIED. */
  readonly refused: Set<string>;
  stop(): Promise<void>;
}

export interface GatewaySettings {
  /** Address of the real server. */
  readonly address: string;
  /** Folder with the files of `makeCertificates`. */
  readonly certificates: string;
  readonly apiKey: string;
  /** Certificate of the server: `server` unless given. */
  readonly certificate?: string;
}

const [permissionDenied, unauthenticated] = ['7', '16'];

export async function startTemporalGateway({ address, certificates, apiKey, certificate = 'server' }: GatewaySettings): Promise<TemporalGateway> {
  const read = (name: string): Buffer => readFileSync(join(certificates, name));
  const calls: TemporalGateway['calls'] = [];
  const refused = new Set<string>();
  const server = createSecureServer({
    cert: read(`${certificate}.pem`),
    key: read(`${certificate}.key`),
    ca: read('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    const upstream = connect(`http://${address}`);
    for (const each of [session, upstream]) {
      sessions.add(each);
      // A connection that is cut off reports an error at the other end.
      each.on('error', () => undefined);
    }
    session.on('close', () => upstream.close());
    session.on('stream', (stream, headers) => {
      const method = String(headers[':path']).split('/').at(-1) ?? '';
      const authorization = String(headers['authorization'] ?? '');
      if (authorization !== `Bearer ${apiKey}`) return refuse(stream, unauthenticated, 'Request unauthorized.');
      if (refused.has(method)) return refuse(stream, permissionDenied, 'Request unauthorized.');
      calls.push({ method, client: String(headers['user-agent'] ?? ''), authorization });
      forward(stream, headers, upstream);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    calls,
    refused,
    stop: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function refuse(stream: ServerHttp2Stream, status: string | undefined, message: string): void {
  stream.on('error', () => undefined);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': message }, { endStream: true });
}

/** Forwards a call. gRPC reports its result in trailers, or in the only headers where there is no body. */
function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
  const request = upstream.request(headers);
  let trailers: IncomingHttpHeaders = {};
  for (const each of [stream, request]) each.on('error', () => undefined);
  stream.on('close', () => request.close());
  stream.pipe(request);
  request.on('trailers', (received) => {
    trailers = received;
  });
  request.on('response', (answer) => {
    if (stream.destroyed) return;
    if (answer['grpc-status'] !== undefined) {
      stream.respond(answer, { endStream: true });
      return;
    }
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond(answer, { waitForTrailers: true });
    request.pipe(stream);
  });
}
