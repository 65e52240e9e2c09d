import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { approveBatchAs, type BatchApproval, discardBatchAs, readBatchAs, undoBatchAs } from '@tenure/engine/batches';
import { type BatchChangeKind, checkedReason } from '@tenure/domain';
import type { BatchPart, BatchChange } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { named } from '../audit/load-names.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { BatchChangeStatusEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { BatchChangeConnection, BatchChangePartInput, BatchChangeType } from './batch-change.type.ts';

@Resolver(() => BatchChangeType)
export class BatchChangeResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => BatchChangeType, {
    nullable: true,
    description: 'Batch change by id; null: none has this id. For administrators, operators and auditors, and for the people whom the policy lets approve it.',
  })
  @Allow(...readers, 'self')
  async batchChange(
    @Args('id', { type: () => ID, description: 'Id of the batch change.' }) id: string,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange | null> {
    return readBatchAs(this.as(context), actOf(context, this.dependencies.clock()), checkedId('id', id));
  }

  @Query(() => BatchChangeConnection, { description: 'Batch changes, the newest first. For administrators, operators and auditors.' })
  @Allow(...readers)
  async batchChanges(
    @Args('status', { type: () => BatchChangeStatusEnum, nullable: true, description: 'Status of the batch changes. Absent: any.' }) status:
      | BatchChange['standing']
      | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Connection<BatchChange>> {
    const size = pageSize(first);
    const found = await this.dependencies.store.read((tx) => tx.batchChanges.page(status == null ? {} : { standing: status }, size + 1, eventBefore(after)));
    return connectionOf(found, size, after, ({ createdAt, id }) => [createdAt, id]);
  }

  @Mutation(() => BatchChangeType, {
    description:
      'Approves a batch change that waits, all or part; the worker carries it out, and the field approval has the number of items. The plan is computed again first: BATCH_PLAN_CHANGED means that the batch change would do more than the plan of this digest: read the plan again. For administrators and operators, and for the people whom the policy lets approve it.',
  })
  @Allow('admin', 'operator', 'self')
  async approveBatchChange(
    @Args('id', { type: () => ID, description: 'Id of the batch change.' }) id: string,
    @Args('digest', { type: () => String, description: 'Digest of the plan that you have read.' }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Args('part', { type: () => BatchChangePartInput, nullable: true, description: 'Part to approve. Absent: all.' }) part: BatchChangePartInput | null,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange & { readonly approval: BatchApproval }> {
    const release = { digest, reason: checkedReason(reason), part: partOf(part) };
    const { batch, approval } = await approveBatchAs(this.as(context), actOf(context, this.dependencies.clock()), checkedId('id', id), release);
    return { ...batch, approval };
  }

  @Mutation(() => BatchChangeType, {
    description:
      'Discards the items of a batch change that wait for approval, as if they had never been sent. Items that were approved before are carried out. Records that sources send from now on count as usual. For administrators and operators, and for the people whom the policy lets approve it.',
  })
  @Allow('admin', 'operator', 'self')
  async discardBatchChange(
    @Args('id', { type: () => ID, description: 'Id of the batch change.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange> {
    return discardBatchAs(this.as(context), actOf(context, this.dependencies.clock()), checkedId('id', id), checkedReason(reason));
  }

  @ResolveField(() => String, { nullable: true, description: 'Name of the target that it switches on; null: it switches none on.' })
  @Allow(...readers, 'self')
  switchesOn(@Parent() { origin }: BatchChange): string | null {
    return origin?.kind === 'switch-on' ? origin.target : null;
  }

  @ResolveField(() => String, { nullable: true, description: 'Name of the target whose findings it corrects; null: it corrects none.' })
  @Allow(...readers, 'self')
  corrects(@Parent() { origin }: BatchChange): string | null {
    return origin?.kind === 'corrections' ? origin.target : null;
  }

  @Mutation(() => BatchChangeType, {
    description:
      'Plans the undo of a batch change that was carried out, and of its parts, as a batch change that waits for approval (approveBatchChange, discardBatchChange): nothing is in force before. Records become as they were before, and of a configuration version the one before comes into force again, as a new version. Of corrections, accounts of nobody come back from quarantine, and, if an administrator requests it, people get memberships back as found access with owner and end. Items about which something newer states otherwise are obsolete, with a reason. A requester who would terminate more people than their budget of urgent ends allows needs another person to approve. For administrators and operators, and for the people whom the policy lets approve batch changes.',
  })
  @Allow('admin', 'operator', 'self')
  async undoBatchChange(
    @Args('id', { type: () => ID, description: 'Id of the batch change to undo; of an undo too.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Args('accessUntil', {
      type: () => InstantScalar,
      nullable: true,
      description: 'Of corrections: end of memberships that come back to people whom no rule gives them, at most a year ahead. Absent: in 90 days.',
    })
    accessUntil: string | null,
    @Args('accessOwnerId', {
      type: () => ID,
      nullable: true,
      description: 'Of corrections: id of the active person who answers for these memberships. Absent: you, or the person who made the service token.',
    })
    accessOwnerId: string | null,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange> {
    const kept = {
      ...(accessUntil == null ? {} : { until: accessUntil }),
      ...(accessOwnerId == null ? {} : { ownerId: checkedId('accessOwnerId', accessOwnerId) }),
    };
    return undoBatchAs(this.as(context), actOf(context, this.dependencies.clock()), checkedId('id', id), checkedReason(reason), kept);
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'Name of the actor that approved, discarded or closed the batch change; null: no decision was made.',
  })
  @Allow(...readers, 'self')
  async decidedBy(@Parent() { decidedBy }: BatchChange, @Context() { loaders }: GraphqlContext): Promise<string | null> {
    return decidedBy === null ? null : named(decidedBy, loaders);
  }

  private as(context: GraphqlContext): Parameters<typeof readBatchAs>[0] {
    const { store, engine } = this.dependencies;
    return { store, engine, caller: callerOf(context) };
  }
}

function partOf(part: BatchChangePartInput | null): BatchPart {
  const { identityIds, kinds } = part ?? {};
  return {
    ...(identityIds == null ? {} : { identityIds: identityIds.map((id, index) => checkedId(`part.identityIds[${index}]`, id)) }),
    ...(kinds == null ? {} : { kinds: kinds as readonly BatchChangeKind[] }),
  };
}
