import { Inject } from '@nestjs/common';
import { Args, Context, ID, Query, Resolver } from '@nestjs/graphql';
import { catalogueOf, mustMayAskFor } from '@tenure/engine/requests';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { RequestableType } from './request.type.ts';
import { titleOf } from './view-request.ts';
import { currentPolicy } from '@tenure/engine/policy';

@Resolver(() => RequestableType)
export class RequestableResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [RequestableType], {
    description: 'Catalogue of requestable access for one person. For the person, their manager, administrators, operators and auditors.',
  })
  @Allow(...readers, 'self')
  async requestable(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly RequestableType[]> {
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const id = checkedId('identityId', identityId);
    // A transaction for its lock and its clock; nothing is written.
    return store.transaction(actOf(context, clock()), async (tx) => {
      if (!readers.some((role) => caller.roles.has(role))) await mustMayAskFor(tx, engine, id, caller.id);
      const { document } = await currentPolicy(tx, engine);
      const entries = await catalogueOf(tx, engine, id);
      return entries.map(({ conflicts, ...entry }) => ({
        ...entry,
        title: titleOf(document, entry),
        isRequestable: entry.reason === null,
        conflicts: conflicts.map((conflict) => ({
          ...conflict,
          mayBeExcepted: document.separation.find(({ name }) => name === conflict.rule)?.owner !== undefined,
        })),
      }));
    });
  }
}
