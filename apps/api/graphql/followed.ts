import type { ApiDependencies } from '../dependencies.ts';
import { toGraphqlError } from '../errors/to-graphql-error.ts';
import type { Caller } from '../access/caller.ts';
import { type Follow, whenever } from './whenever.ts';
import type { GraphqlContext } from './context.ts';
import { createLoaders } from './loaders.ts';

/**
 * What a subscription tells: what `look` finds now, and again whenever something of `key` changes, for as long as the caller's session
 * or token lasts. Changes that come close together are told once.
 * @param look asked with the caller as they are at that moment
 * @param isSame whether what was found is no news, and not told: what happens elsewhere is nobody's business
 */
export function followed<T>(
  dependencies: ApiDependencies,
  context: GraphqlContext,
  key: string,
  look: (caller: Caller) => Promise<T>,
  isSame?: (before: T | null, now: T) => boolean,
): AsyncIterableIterator<T> {
  const { changes, store, clock, logger } = dependencies;
  const follow: Follow = (changed) => changes?.follow(key, changed) ?? (() => undefined);
  const lookAgain = async (): Promise<T | null> => {
    try {
      const caller = await context.again();
      if (caller === null) return null;
      // The context lasts as long as the subscription: what was read for the last event is of yesterday.
      context.loaders = createLoaders(store, clock, caller);
      return await look(caller);
    } catch (error) {
      // Past the first event no filter of Nest's sees what goes wrong.
      const shown = toGraphqlError(error, context.correlationId);
      if (shown.extensions['code'] === 'INTERNAL') logger.error({ err: error, reference: context.correlationId }, 'a subscription failed');
      throw shown;
    }
  };
  return whenever(follow, lookAgain, isSame);
}
