import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { OperationAttempt, StoredHold } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { HoldType } from '../holds/hold.type.ts';
import { actOf, type GraphqlContext } from '../graphql/context.ts';
import { giveUpOperation, retryOperation, skipOperation } from './judge-operation.ts';
import { OperationAttemptType, OperationType } from './operation.type.ts';
import { type OperationView, viewOperation } from './view-operation.ts';

@Resolver(() => OperationType)
@Allow(...readers)
export class OperationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => [OperationAttemptType], { description: 'Oldest first.' })
  attempts(@Parent() operation: OperationView, @Context() context: GraphqlContext): Promise<readonly OperationAttempt[]> {
    return context.loaders.attempts.load(operation.id);
  }

  @Mutation(() => OperationType, { description: 'Tries an operation again that was refused for good or given up.' })
  @Allow('admin', 'operator')
  retryOperation(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.judge(retryOperation, id, reason, context);
  }

  @Mutation(() => OperationType, { description: 'Leaves an operation undone that was refused for good. The rest of the life goes on.' })
  @Allow('admin', 'operator')
  giveUpOperation(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.judge(giveUpOperation, id, reason, context);
  }

  @Mutation(() => OperationType, {
    description:
      'Leaves an operation undone that is still being tried or is held; giveUpOperation is for one that was refused. It stays so until something else is wanted there. What ends access is never skipped.',
  })
  @Allow('admin', 'operator')
  skipOperation(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.judge(skipOperation, id, reason, context);
  }

  @ResolveField(() => [HoldType], { description: 'What holds it back now.' })
  async holds(@Parent() { id, target, identityId }: OperationView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredHold[]> {
    const [ofPerson, ofTargets] = await Promise.all([loaders.holds.load(identityId), loaders.holds.load('')]);
    return [...ofPerson.filter((hold) => hold.kind === 'identity' || hold.operationId === id), ...ofTargets.filter((hold) => hold.target === target)];
  }

  private judge(judgement: typeof retryOperation, id: string, reason: string, context: GraphqlContext): Promise<OperationView> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), async (tx) => viewOperation(await judgement(tx, checkedId(id), reason)));
  }
}
