import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { checkedReason, InputInvalid, type RepairInput } from '@tenure/domain';
import { approveRepair, discardRepair, planRepair, repairAs } from '@tenure/engine/repairs';
import { Allow, readers } from '../../access/allow.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { described } from '../described.ts';
import { MergeIdentitiesInput, MoveRecordInput, RepairConnection, RepairInputType, RepairPlanType, RepairType } from './repair.type.ts';
import { viewPlan, viewRepair } from './view-repair.ts';

type Counted = Connection<RepairType> & { readonly wanted: string | null };

const digestDescription = 'Digest of the plan as you have read it (planRepair).';

@Resolver(() => RepairConnection)
@Allow('admin')
export class RepairResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => RepairPlanType, {
    description:
      'Plan of a repair: what would follow for each person, in the targets, and for all that hangs on them. Nothing changes. Refused with the reason where the repair could not be carried out. For administrators.',
  })
  async planRepair(
    @Args('input', { type: () => RepairInputType, description: 'Repair.' }) input: RepairInputType,
    @Context() context: GraphqlContext,
  ): Promise<RepairPlanType> {
    return viewPlan(await planRepair(this.with(context), callerOf(context), wantedRepair(input)));
  }

  @Query(() => RepairConnection, { description: 'Repairs, the newest first. For administrators, operators and auditors.' })
  @Allow(...readers)
  async repairs(
    @Args('identityId', { type: () => ID, nullable: true, description: 'Id of a person whom they concern. Absent: anybody.' }) identityId: string | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Counted> {
    const size = pageSize(first);
    const wanted = identityId == null ? null : checkedId('identityId', identityId);
    const found = await this.dependencies.store.read((tx) => tx.repairs.page(wanted, size + 1, eventBefore(after)));
    return { ...connectionOf(found.map(viewRepair), size, after, ({ requestedAt, id }) => [requestedAt, id]), wanted };
  }

  @ResolveField(() => Int, { description: 'Number of repairs on all pages.' })
  @Allow(...readers)
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.dependencies.store.read((tx) => tx.repairs.count(wanted));
  }

  @Query(() => RepairType, { nullable: true, description: 'Repair by id; null: there is none. For administrators, operators and auditors.' })
  @Allow(...readers)
  async repair(@Args('id', { type: () => ID, description: 'Id of the repair.' }) id: string): Promise<RepairType | null> {
    const found = await this.dependencies.store.read((tx) => tx.repairs.get(checkedId('id', id)));
    return found === null ? null : viewRepair(found);
  }

  @Mutation(() => RepairType, {
    description:
      'Releases the user name of a person who has left, so that somebody else may get it. Refused while an account in a target bears it, or may bear it. For administrators.',
  })
  releaseUserName(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('digest', { type: () => String, description: digestDescription }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    return this.repaired(context, { kind: 'release-user-name', identityId: checkedId('identityId', identityId) }, digest, reason);
  }

  @Mutation(() => RepairType, {
    description:
      'Moves a source record to the person whom it is about, or to a new identity. The binding of a login goes with its record. Waits for a second administrator if one of the people has rights in Tenure. For administrators.',
  })
  moveRecord(
    @Args('input', { type: () => MoveRecordInput, description: 'Record and person.' }) input: MoveRecordInput,
    @Args('digest', { type: () => String, description: digestDescription }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    return this.repaired(context, movedRecord(input), digest, reason);
  }

  @Mutation(() => RepairType, {
    description:
      'Merges two identities of one person: records, logins, requests, cases and accounts of the one go to the other, and the merged one ends, with its history. Waits for a second administrator if one of the two has rights in Tenure. For administrators.',
  })
  mergeIdentities(
    @Args('input', { type: () => MergeIdentitiesInput, description: 'Identities.' }) input: MergeIdentitiesInput,
    @Args('digest', { type: () => String, description: digestDescription }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    return this.repaired(context, mergedIdentities(input), digest, reason);
  }

  @Mutation(() => RepairType, {
    description:
      'Undoes a repair: what it moved and is still there goes back. Sessions, bindings and links that ended with it stay ended. The answer is a repair of its own. For administrators.',
  })
  undoRepair(
    @Args('id', { type: () => ID, description: 'Id of the repair.' }) id: string,
    @Args('digest', { type: () => String, description: digestDescription }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    return this.repaired(context, { kind: 'undo', repairId: checkedId('id', id) }, digest, reason);
  }

  @Mutation(() => RepairType, {
    description: 'Approves a repair that waits for a second administrator, and carries it out. For another administrator than the requester, with a session.',
  })
  async approveRepair(
    @Args('id', { type: () => ID, description: 'Id of the repair.' }) id: string,
    @Args('digest', { type: () => String, description: digestDescription }) digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    const decision = { digest, reason: checkedReason(reason) };
    return viewRepair(await approveRepair(this.with(context), callerOf(context), checkedId('id', id), decision));
  }

  @Mutation(() => RepairType, { description: 'Discards a repair that waits for a second administrator. Nothing changes. For administrators.' })
  async discardRepair(
    @Args('id', { type: () => ID, description: 'Id of the repair.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RepairType> {
    return viewRepair(await discardRepair(this.with(context), callerOf(context), checkedId('id', id), checkedReason(reason)));
  }

  private async repaired(context: GraphqlContext, input: RepairInput, digest: string, reason: string): Promise<RepairType> {
    return viewRepair(await repairAs(this.with(context), callerOf(context), input, { digest, reason: checkedReason(reason) }));
  }

  private with(context: GraphqlContext): Parameters<typeof planRepair>[0] {
    const { store, engine, clock } = this.dependencies;
    return { store, engine, context: () => actOf(context, clock()) };
  }
}

/** @throws InputInvalid unless exactly one repair is given */
function wantedRepair({ releaseUserName, moveRecord, mergeIdentities, undoRepair }: RepairInputType): RepairInput {
  const wanted: readonly RepairInput[] = [
    ...(releaseUserName == null ? [] : [{ kind: 'release-user-name' as const, identityId: checkedId('input.releaseUserName', releaseUserName) }]),
    ...(moveRecord == null ? [] : [movedRecord(moveRecord)]),
    ...(mergeIdentities == null ? [] : [mergedIdentities(mergeIdentities)]),
    ...(undoRepair == null ? [] : [{ kind: 'undo' as const, repairId: checkedId('input.undoRepair', undoRepair) }]),
  ];
  const [only, ...others] = wanted;
  if (only === undefined || others.length > 0)
    throw new InputInvalid('input: provide exactly one of releaseUserName, moveRecord, mergeIdentities or undoRepair');
  return only;
}

function movedRecord({ recordId, toIdentityId }: MoveRecordInput): RepairInput {
  return {
    kind: 'move-record',
    recordId: checkedId('input.recordId', recordId),
    toIdentityId: toIdentityId == null ? null : checkedId('input.toIdentityId', toIdentityId),
  };
}

function mergedIdentities({ fromIdentityId, intoIdentityId, accountsOfFrom }: MergeIdentitiesInput): RepairInput {
  return {
    kind: 'merge-identities',
    fromIdentityId: checkedId('input.fromIdentityId', fromIdentityId),
    intoIdentityId: checkedId('input.intoIdentityId', intoIdentityId),
    accountsOfFrom: [...new Set(accountsOfFrom ?? [])].sort(),
  };
}
