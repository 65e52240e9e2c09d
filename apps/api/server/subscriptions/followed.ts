import { InputInvalid } from '@tenure/domain';
import type { ApiDependencies } from '../dependencies.ts';
import { toGraphqlError } from '../errors/to-graphql-error.ts';
import type { Caller } from '@tenure/engine/callers';
import { type Follow, whenever } from './whenever.ts';
import type { GraphqlContext } from '../context.ts';
import { createLoaders } from '../loaders.ts';

/** Subject of a subscription. */
export interface Followed<T> {
  /** Id of the identity whose changes it follows, or another key of notifications. */
  readonly key: string;
  /** Key of the query: subscriptions of one socket with the same key share it. */
  readonly question: string;
  /** Looks, as the caller is at that moment. */
  readonly look: (asked: GraphqlContext & { readonly caller: Caller }) => Promise<T>;
  /** Compares two results: `true` suppresses the event, as changes elsewhere do not concern the subscriber. */
  readonly isSame?: (before: T | null, now: T) => boolean;
}

/**
 * Events of a subscription: the result of `look` now, and again whenever something of `key` changes, for as long as the caller's session
 * or token is valid. Changes that come close together yield one event.
 * @throws RateLimited when there are too many
 */
export function followed<T>(dependencies: ApiDependencies, context: GraphqlContext, { key, question, look, isSame }: Followed<T>): AsyncIterableIterator<T> {
  const { changes, store, clock, logger } = dependencies;
  const { subscriptions } = context;
  if (subscriptions === null) throw new InputInvalid('Subscriptions need a WebSocket (graphql-transport-ws).');
  const leave = subscriptions.enter();
  const follow: Follow = (changed) => {
    const stop = changes?.follow(key, changed);
    return () => {
      stop?.();
      leave();
    };
  };
  const lookAgain = async (): Promise<T | null> => {
    try {
      const caller = await subscriptions.ask('who', context.again);
      if (caller === null) return null;
      const { found, loaders } = await subscriptions.ask(question, async () => {
        const fresh = createLoaders(store, clock, caller);
        return { loaders: fresh, found: await look({ ...context, caller, loaders: fresh }) };
      });
      // The context lasts as long as the subscription: data that was read for the last event is outdated.
      context.loaders = loaders;
      return found;
    } catch (error) {
      // Past the first event no filter of Nest's sees errors.
      const shown = toGraphqlError(error, context.correlationId);
      if (shown.extensions['code'] === 'INTERNAL') logger.error({ err: error, reference: context.correlationId }, 'a subscription failed');
      throw shown;
    }
  };
  return whenever(follow, lookAgain, isSame);
}
