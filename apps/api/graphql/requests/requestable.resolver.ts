import { Inject } from '@nestjs/common';
import { Args, Context, ID, Query, Resolver } from '@nestjs/graphql';
import { catalogueFor } from '@tenure/engine/requests';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { RequestableType } from './request.type.ts';

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
    // A transaction for its lock and its clock; nothing is written.
    const entries = await store.transaction(actOf(context, clock()), (tx) => catalogueFor(tx, engine, callerOf(context), checkedId('identityId', identityId)));
    return entries.map((entry) => ({ ...entry, isRequestable: entry.reason === null }));
  }
}
