import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { resumeProvisioning, suspendProvisioningAs, type WantedSuspension } from '@tenure/engine/suspensions';
import { checkedReason } from '@tenure/domain';
import type { StoredSuspension } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { named } from '../audit/load-names.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { SuspendProvisioningInput, ProvisioningSuspensionType, TargetType } from './suspension.type.ts';

@Resolver()
@Allow('admin', 'operator')
export class SuspensionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [ProvisioningSuspensionType], { description: 'Suspensions in force, the newest first. For administrators, operators and auditors.' })
  @Allow(...readers)
  suspensions(): Promise<readonly StoredSuspension[]> {
    return this.dependencies.store.read((tx) => tx.suspensions.open());
  }

  @Query(() => [TargetType], { description: 'Targets, in the order of their names. For administrators, operators and auditors.' })
  @Allow(...readers)
  async targets(): Promise<readonly TargetType[]> {
    const open = await this.dependencies.store.read((tx) => tx.suspensions.open());
    return Object.values(this.dependencies.configuration.targets)
      .map(({ name, title, kind }) => ({ name, title, kind, suspensions: open.filter(({ target }) => target === name) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  @Mutation(() => ProvisioningSuspensionType, {
    description:
      'Suspends provisioning of a target, of a person, or of one operation until an instant. Deprovisioning goes on, unless a whole target is suspended or suspendsDeprovisioning is true. For administrators and operators.',
  })
  suspendProvisioning(
    @Args('input', { type: () => SuspendProvisioningInput, description: 'Suspension.' }) input: SuspendProvisioningInput,
    @Context() context: GraphqlContext,
  ): Promise<StoredSuspension> {
    const { store, clock, engine } = this.dependencies;
    const { identityId, target, operationId, until, suspendsDeprovisioning: keepsAccess, reason } = input;
    const wanted: WantedSuspension = {
      identityId: identityId == null ? null : checkedId('input.identityId', identityId),
      target: target ?? null,
      operationId: operationId == null ? null : checkedId('input.operationId', operationId),
      until,
      keepsAccess,
      reason: checkedReason(reason, 'input.reason'),
    };
    return store.transaction(actOf(context, clock()), (tx) => suspendProvisioningAs(tx, engine, callerOf(context), wanted));
  }

  @Mutation(() => ProvisioningSuspensionType, {
    description: 'Ends a suspension before its expiry. Waiting operations go on, those of leavers first. For administrators and operators.',
  })
  resumeProvisioning(
    @Args('id', { type: () => ID, description: 'Id of the suspension.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<StoredSuspension> {
    const { store, clock, engine } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => resumeProvisioning(tx, engine, checkedId('id', id), checkedReason(reason)));
  }
}

@Resolver(() => ProvisioningSuspensionType)
@Allow(...readers)
export class SuspensionPlacedByResolver {
  @ResolveField(() => String, { name: 'suspendedBy', description: 'Display name of the operator, or name of the service token.' })
  placedBy(@Parent() { placedBy }: StoredSuspension, @Context() { loaders }: GraphqlContext): Promise<string> {
    return named(placedBy, loaders);
  }
}
