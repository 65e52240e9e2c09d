import { randomUUID } from 'node:crypto';
import { Unauthenticated } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import { actorOf, type Caller } from '@tenure/engine/callers';
import type { ApiDependencies } from './dependencies.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { SocketSubscriptions } from './subscriptions/subscriptions.ts';

/** Context of a request for resolvers. For a subscription it lasts as long as that does, with loaders renewed for each event. */
export interface GraphqlContext {
  /** `null`: nobody; no resolver is reached then. */
  readonly caller: Caller | null;
  loaders: Loaders;
  readonly correlationId: string;
  /** Reason why the request is refused before its query is read; `null`: it is not. */
  readonly refused: unknown;
  /** The caller as they are now, for a subscription that goes on; `null` when their session or token has ended. */
  readonly again: () => Promise<Caller | null>;
  /** Counts against the limit for handing out tokens. @throws RateLimited */
  readonly countToken: () => Promise<void>;
  /** Subscriptions of the caller's WebSocket, with their shared limits and queries; `null`: the request came by HTTP. */
  readonly subscriptions: SocketSubscriptions | null;
  /** Audits that the caller was refused. @param at the requested field; `null`: the request as a whole */
  readonly refuse: (code: string, at: string | null) => void;
}

export type ContextParts = Pick<GraphqlContext, 'caller' | 'again' | 'countToken' | 'refuse'> & {
  readonly correlationId?: string;
  readonly refused?: unknown;
  readonly subscriptions?: SocketSubscriptions | null;
};

export function createContext(
  { store, clock }: ApiDependencies,
  { correlationId = randomUUID(), refused = null, subscriptions = null, ...parts }: ContextParts,
): GraphqlContext {
  return { ...parts, correlationId, refused, subscriptions, loaders: createLoaders(store, clock, parts.caller) };
}

/** @throws Unauthenticated where there is none, which the guard has ruled out before */
export function callerOf({ caller }: Pick<GraphqlContext, 'caller'>): Caller {
  if (caller === null) throw new Unauthenticated('a valid session or service token is needed');
  return caller;
}

/** Context of an act of this caller. */
export function actOf(context: GraphqlContext, now: string): ActContext {
  return { actor: actorOf(callerOf(context)), correlationId: context.correlationId, now };
}
