import { Inject } from '@nestjs/common';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import { Forbidden, NotFound } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import type { Caller } from '../access/caller.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { toGraphqlError } from '../errors/to-graphql-error.ts';
import { checkedId } from '../graphql/connection.ts';
import { callerOf, type GraphqlContext } from '../graphql/context.ts';
import { createLoaders } from '../graphql/loaders.ts';
import { IdentityType } from './identity.type.ts';
import { type Follow, whenever } from './whenever.ts';

@Resolver()
export class IdentityChangedResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Subscription(() => IdentityType, {
    name: 'identityChanged',
    resolve: (identity: StoredIdentity) => identity,
    description: 'The person as they are now, and again whenever something of them changes. Changes that come close together are told once.',
  })
  @Allow(...readers, 'self')
  identityChanged(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): AsyncIterableIterator<StoredIdentity> {
    const { changes, store, clock, logger } = this.dependencies;
    checkedId(id);
    mustMaySee(callerOf(context), id);
    const follow: Follow = (changed) => changes?.follow(id, changed) ?? (() => undefined);
    return whenever(follow, async () => {
      try {
        const caller = await context.again();
        if (caller === null) return null;
        mustMaySee(caller, id);
        // The context lasts as long as the subscription: what was read for the last event is of yesterday.
        context.loaders = createLoaders(store, clock);
        const identity = await context.loaders.identity.load(id);
        if (identity === null) throw new NotFound(`there is no identity ${id}`, { identityId: id });
        return identity;
      } catch (error) {
        // Past the first event no filter of Nest's sees what goes wrong.
        const shown = toGraphqlError(error, context.correlationId);
        if (shown.extensions['code'] === 'INTERNAL') logger.error({ err: error, reference: context.correlationId }, 'a subscription failed');
        throw shown;
      }
    });
  }
}

function mustMaySee(caller: Caller, id: string): void {
  if (caller.id !== id && !readers.some((role) => caller.roles.has(role))) throw new Forbidden('you may follow nobody but yourself', { identityId: id });
}
