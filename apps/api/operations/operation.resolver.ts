import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { ActContext, OperationAttempt, StoredHold } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { ProvisioningSuspensionType } from '../holds/hold.type.ts';
import { actOf, type GraphqlContext } from '../graphql/context.ts';
import {
  giveUpOperation,
  leaveUndone,
  retryOperation,
  skipOperation,
  type JudgedOperations,
  judgeOperations,
  type OperationScope,
} from '@tenure/engine/operations';
import { OperationsResultType, OperationAttemptType, OperationType } from './operation.type.ts';
import { type OperationView, viewOperation } from './view-operation.ts';
import { checkedReason } from '@tenure/domain';

@Resolver(() => OperationType)
@Allow(...readers)
export class OperationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => [OperationAttemptType], {
    description: 'Attempts, the oldest first. Those that failed with the same code and message are one entry, so that an outage adds no entry per attempt.',
  })
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
  abandonOperation(
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
  cancelOperation(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.judge(skipOperation, id, reason, context);
  }

  @Mutation(() => OperationsResultType, {
    description: 'retryOperation for all that was refused in a target, for a person, or for a person in a target. At most 500 in one call.',
  })
  @Allow('admin', 'operator')
  retryOperations(
    @Args('target', { type: () => String, nullable: true }) target: string | null,
    @Args('identityId', { type: () => ID, nullable: true }) identityId: string | null,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<JudgedOperations> {
    return this.judgeMany(retryOperation, { target, identityId }, ['failed'], reason, context);
  }

  @Mutation(() => OperationsResultType, {
    description:
      'Leaves undone all that is still being tried, is held or was refused in a target, for a person, or for a person in a target. What ends access is never skipped. At most 500 in one call.',
  })
  @Allow('admin', 'operator')
  cancelOperations(
    @Args('target', { type: () => String, nullable: true }) target: string | null,
    @Args('identityId', { type: () => ID, nullable: true }) identityId: string | null,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<JudgedOperations> {
    return this.judgeMany(leaveUndone, { target, identityId }, ['pending', 'failed'], reason, context);
  }

  @ResolveField(() => [ProvisioningSuspensionType], { description: 'What holds it back now.' })
  async suspensions(@Parent() { id, target, identityId }: OperationView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredHold[]> {
    const [ofPerson, ofTargets] = await Promise.all([loaders.holds.load(identityId), loaders.holds.load('')]);
    return [...ofPerson.filter((hold) => hold.kind === 'identity' || hold.operationId === id), ...ofTargets.filter((hold) => hold.target === target)];
  }

  private judge(judgement: typeof retryOperation, id: string, reason: string, context: GraphqlContext): Promise<OperationView> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), async (tx) => viewOperation(await judgement(tx, checkedId('id', id), reason)));
  }

  private judgeMany(
    judgement: typeof retryOperation,
    { target, identityId }: OperationScope,
    statuses: Parameters<typeof judgeOperations>[3],
    reason: string,
    context: GraphqlContext,
  ): Promise<JudgedOperations> {
    const why = checkedReason(reason);
    const scope = { target: target ?? null, identityId: identityId == null ? null : checkedId('identityId', identityId) };
    const act = (): ActContext => actOf(context, this.dependencies.clock());
    return judgeOperations(this.dependencies, act, scope, statuses, (tx, id) => judgement(tx, id, why));
  }
}
