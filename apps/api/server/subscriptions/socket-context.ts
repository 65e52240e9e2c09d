import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from '@tenure/engine/callers';
import { bearerToken, credentialOf, sessionCookieName } from '../../access/credential.ts';
import { isOwnOrigin } from '../../access/cross-site.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { createContext, type GraphqlContext } from '../context.ts';
import type { RequestLimits } from '../request-context.ts';
import { createSubscriptions } from './subscriptions.ts';

/** Close code of our own (4000–4999, RFC 6455 section 7.4.2), which graphql-transport-ws knows as unauthorized. */
export const unauthorized = 4401;
/** Close code of the same protocol for a second `connection_init`. */
const tooManyIntroductions = 4429;
/** Milliseconds that a socket may be open without authentication. */
const patience = 10_000;
/** Name in the audit. */
const at = 'WebSocket /graphql';
/** A timer's longest wait. */
const longestTimer = 2_147_483_647;

/** The part of a WebSocket of package ws that is used. */
export interface Socket {
  close(code: number, reason: string): void;
  once(event: 'close', heard: () => void): unknown;
}

interface Handshake {
  readonly socket: Socket;
  readonly request: FastifyRequest;
}

interface ConnectionInit {
  readonly payload?: { readonly authorization?: unknown } | null;
}

export interface SocketOptions {
  context(socket: Socket, request: FastifyRequest): Handshake;
  onConnect(this: { readonly context: Handshake }, data: ConnectionInit): Promise<GraphqlContext | false>;
}

/**
 * Options of subscriptions: the caller is authenticated by `connection_init`, or by a session cookie from our own pages; the socket is closed when
 * that session or token ends.
 */
export function socketOptions(dependencies: ApiDependencies, authenticate: Authenticate, limit: RequestLimits, refusals: Refusals): SocketOptions {
  const subscriptions = createSubscriptions(dependencies.subscriptionLimits);
  return {
    context: (socket, request) => ({ socket, request }),
    // Mercurius calls this as the connection's method, which is the only way from the message to its socket.
    async onConnect({ payload }) {
      const { socket, request } = this.context;
      if (introduced.has(request.raw)) {
        socket.close(tooManyIntroductions, 'too many initialisation requests');
        return false;
      }
      const token = tokenOf(payload?.authorization, request, dependencies.configuration.url);
      const caller = token === null ? null : await authenticate(token);
      if (caller === null || token === null) {
        if (payload?.authorization !== undefined || credentialOf(request, sessionCookieName(dependencies.configuration.url)) !== null)
          await refusals.audit(request, { caller: null, code: 'UNAUTHENTICATED', at });
        if (token !== null) await limit.wrongTokens(request);
        // By this code clients know that retrying is useless; the message that Mercurius would send is none of the protocol.
        socket.close(unauthorized, 'a valid session or service token is needed');
        return false;
      }
      introduced.add(request.raw);
      cutOffAtEnd(dependencies, socket, caller, () => authenticate(token, false));
      const own = subscriptions.ofSocket(caller.id);
      socket.once('close', () => own.leave());
      return createContext(dependencies, {
        caller,
        subscriptions: own,
        correlationId: randomUUID(),
        // Messages to a socket are no use of its session, which may be idle meanwhile.
        again: () => authenticate(token, false),
        countToken: () => limit.newTokens(request),
        refuse: (code, field) => void refusals.audit(request, { caller, code, at: field ?? at }),
      });
    },
  };
}

function tokenOf(authorization: unknown, request: FastifyRequest, url: string): string | null {
  if (authorization !== undefined) return bearerToken(authorization);
  const credential = credentialOf(request, sessionCookieName(url));
  // A browser opens sockets for other sites too, cookies included.
  if (credential?.from === 'cookie' && !isOwnOrigin(request.headers.origin, url)) return null;
  return credential?.token ?? null;
}

function cutOffAtEnd({ changes, clock, logger }: ApiDependencies, socket: Socket, caller: Caller, again: () => Promise<Caller | null>): void {
  let timer: NodeJS.Timeout;
  const end = (): void => socket.close(unauthorized, 'the session has ended');
  const endAt = (expiresAt: string): void => {
    clearTimeout(timer);
    const wait = Math.max(Date.parse(expiresAt) - Date.parse(clock()), 0);
    timer = setTimeout(() => (wait > longestTimer ? endAt(expiresAt) : look(expiresAt)), Math.min(wait, longestTimer));
  };
  /** @param over an end that has passed: a session that was used elsewhere has a later one by now */
  const look = (over: string | null): void => {
    again().then(
      (still) => {
        if (still === null || (over !== null && still.expiresAt <= over)) end();
        else endAt(still.expiresAt);
      },
      (error: unknown) => {
        logger.warn({ err: error }, 'a subscription was ended: its session could not be checked');
        end();
      },
    );
  };
  endAt(caller.expiresAt);
  // A token opens no more than its maker has: it is checked again when something changes about them.
  const followed = new Set([caller.id, ...(caller.personId === null ? [] : [caller.personId])]);
  const stops = [...followed].map((key) => changes?.follow(key, () => look(null)));
  socket.once('close', () => {
    clearTimeout(timer);
    for (const stop of stops) stop?.();
  });
}

/** Upgrade requests whose socket is authenticated. */
const introduced = new WeakSet<IncomingMessage>();

/** Closes WebSockets that do not authenticate in time. */
export function closeSilentSockets(server: Pick<Server, 'on'>): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const timer = setTimeout(() => {
      if (!introduced.has(request)) socket.destroy();
    }, patience);
    socket.once('close', () => clearTimeout(timer));
  });
}
