import { Inject } from '@nestjs/common';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import { Forbidden, NotFound } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import type { Caller } from '@tenure/engine/callers';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { followed } from '../../server/subscriptions/followed.ts';
import { IdentityType } from './identity.type.ts';

@Resolver()
export class IdentityChangedResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Subscription(() => IdentityType, {
    name: 'identityChanged',
    resolve: (identity: StoredIdentity) => identity,
    description:
      'The person now, and again after every change; changes that follow each other quickly are sent once. For administrators, operators and auditors, and for the person.',
  })
  @Allow(...readers, 'self')
  identityChanged(
    @Args('id', { type: () => ID, description: 'Id of the person.' }) id: string,
    @Context() context: GraphqlContext,
  ): AsyncIterableIterator<StoredIdentity> {
    checkedId('id', id);
    mustMaySee(callerOf(context), id);
    return followed(this.dependencies, context, {
      key: id,
      question: `identity ${id}`,
      look: async ({ caller, loaders }) => {
        mustMaySee(caller, id);
        const identity = await loaders.identity.load(id);
        if (identity === null) throw new NotFound(`there is no identity ${id}`, { identityId: id });
        return identity;
      },
    });
  }
}

function mustMaySee(caller: Caller, id: string): void {
  if (caller.id !== id && !readers.some((role) => caller.roles.has(role)))
    throw new Forbidden('You can subscribe only to your own identity.', { identityId: id });
}
