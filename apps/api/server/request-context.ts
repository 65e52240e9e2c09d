import { Forbidden, RateLimited } from '@tenure/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from '@tenure/engine/callers';
import { credentialOf, sessionCookieName } from '../access/credential.ts';
import { refuseCrossSite } from '../access/cross-site.ts';
import type { Refusals } from '../access/refusals.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createContext, type GraphqlContext } from './context.ts';

/** Counts a request against a limit. @throws RateLimited */
export type Count = (request: FastifyRequest) => Promise<void>;

export interface RequestLimits {
  /** Counts tokens that turn out to be invalid. */
  readonly wrongTokens: Count;
  /** Tokens that are handed out. */
  readonly newTokens: Count;
}

/** Limits by the address that requests come from, counted in each process by itself: a flood is slowed down, a token's 256 bits do the rest. */
export function requestLimits(fastify: FastifyInstance): RequestLimits {
  const count = (max: number): Count => {
    const check = fastify.createRateLimit({ max, timeWindow: '1 minute' });
    return async (request) => {
      const result = await check(request);
      if (!result.isAllowed && result.isExceeded)
        throw new RateLimited(`too many requests from this address: at most ${max} in a minute`, { retryAfterSeconds: String(result.ttlInSeconds) });
    };
  };
  return { wrongTokens: count(60), newTokens: count(30) };
}

/**
 * Determines the caller of a GraphQL request, and whether another site may have made a browser send it. Never throws: Mercurius asks for a context
 * again to answer an error. An objection to the request is kept in it, and thrown before its query is read.
 */
export function contextOfRequest(
  dependencies: ApiDependencies,
  authenticate: Authenticate,
  limit: RequestLimits,
  refusals: Refusals,
): (request: FastifyRequest, reply: FastifyReply) => Promise<GraphqlContext> {
  const { url } = dependencies.configuration;
  return async (request) => {
    const credential = credentialOf(request, sessionCookieName(url));
    // A page that sends requests by itself is no sign of activity.
    const isUse = request.headers['x-tenure-background'] === undefined;
    const again = async (): Promise<Caller | null> => (credential === null ? null : authenticate(credential.token, isUse));
    let caller: Caller | null = null;
    const refuse = (code: string, at: string | null): void => refusals.note(request, { caller, code, at: at ?? 'POST /graphql' });
    const parts = { correlationId: request.id, again, countToken: () => limit.newTokens(request), refuse };
    try {
      caller = await again();
      if (credential !== null && caller === null) {
        refuse('UNAUTHENTICATED', null);
        await limit.wrongTokens(request);
      }
      if (caller !== null && credential?.from === 'cookie') refuseCrossSite(request, url);
      return createContext(dependencies, { ...parts, caller });
    } catch (refused) {
      if (refused instanceof Forbidden) refuse(refused.code, null);
      return createContext(dependencies, { ...parts, caller: null, refused });
    }
  };
}
