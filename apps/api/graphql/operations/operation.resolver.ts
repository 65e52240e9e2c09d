import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { ActContext, OperationAttempt, StoredSuspension } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { ProvisioningSuspensionType } from '../suspensions/suspension.type.ts';
import { actOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import {
  abandonOperation,
  leaveUndone,
  retryOperation,
  cancelOperation,
  type DecidedOperations,
  decideOperations,
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
    description: 'Attempts, the oldest first. Consecutive failures with the same code and message are one entry.',
  })
  attempts(@Parent() operation: OperationView, @Context() context: GraphqlContext): Promise<readonly OperationAttempt[]> {
    return context.loaders.attempts.load(operation.id);
  }

  @Mutation(() => OperationType, {
    description: 'Retries an operation that was refused permanently, cancelled or abandoned. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  retryOperation(
    @Args('id', { type: () => ID, description: 'Id of the operation.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.decide(retryOperation, id, reason, context);
  }

  @Mutation(() => OperationType, {
    description:
      'Abandons an operation that a target refused permanently (FAILED); the other operations go on. It stays abandoned until the desired state changes. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  abandonOperation(
    @Args('id', { type: () => ID, description: 'Id of the operation.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.decide(abandonOperation, id, reason, context);
  }

  @Mutation(() => OperationType, {
    description:
      'Cancels an operation that is PENDING, also a suspended one; abandonOperation is for a FAILED one. It stays cancelled until the desired state changes. Operations that end access cannot be cancelled. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  cancelOperation(
    @Args('id', { type: () => ID, description: 'Id of the operation.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<OperationView> {
    return this.decide(cancelOperation, id, reason, context);
  }

  @Mutation(() => OperationsResultType, {
    description:
      'Retries all operations that were refused permanently in a target, for a person, or for a person in a target. At most 500 in one call. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  retryOperations(
    @Args('target', { type: () => String, nullable: true, description: 'Name of the target. Absent: all targets; identityId is then required.' }) target:
      | string
      | null,
    @Args('identityId', { type: () => ID, nullable: true, description: 'Id of the person. Absent: everybody; target is then required.' }) identityId:
      | string
      | null,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<DecidedOperations> {
    return this.decideMany(retryOperation, { target, identityId }, ['failed'], reason, context);
  }

  @Mutation(() => OperationsResultType, {
    description:
      'Cancels all PENDING and FAILED operations of a target, of a person, or of a person in a target. Operations that end access are not cancelled. At most 500 in one call. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  cancelOperations(
    @Args('target', { type: () => String, nullable: true, description: 'Name of the target. Absent: all targets; identityId is then required.' }) target:
      | string
      | null,
    @Args('identityId', { type: () => ID, nullable: true, description: 'Id of the person. Absent: everybody; target is then required.' }) identityId:
      | string
      | null,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<DecidedOperations> {
    return this.decideMany(leaveUndone, { target, identityId }, ['pending', 'failed'], reason, context);
  }

  @ResolveField(() => [ProvisioningSuspensionType], { description: 'Suspensions in force that delay the operation.' })
  async suspensions(@Parent() { id, target, identityId }: OperationView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredSuspension[]> {
    const [ofPerson, ofTargets] = await Promise.all([loaders.suspensions.load(identityId), loaders.suspensions.load('')]);
    return [
      ...ofPerson.filter((suspension) => suspension.kind === 'identity' || suspension.operationId === id),
      ...ofTargets.filter((suspension) => suspension.target === target),
    ];
  }

  private decide(decision: typeof retryOperation, id: string, reason: string, context: GraphqlContext): Promise<OperationView> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), async (tx) => viewOperation(await decision(tx, checkedId('id', id), reason)));
  }

  private decideMany(
    decision: typeof retryOperation,
    { target, identityId }: OperationScope,
    statuses: Parameters<typeof decideOperations>[3],
    reason: string,
    context: GraphqlContext,
  ): Promise<DecidedOperations> {
    const why = checkedReason(reason);
    const scope = { target: target ?? null, identityId: identityId == null ? null : checkedId('identityId', identityId) };
    const act = (): ActContext => actOf(context, this.dependencies.clock());
    return decideOperations(this.dependencies, act, scope, statuses, (tx, id) => decision(tx, id, why));
  }
}
