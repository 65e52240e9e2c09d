import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { liftHold, placeHoldAs, type WantedHold } from '@tenure/engine/holds';
import { checkedReason } from '@tenure/domain';
import type { StoredHold } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { named } from '../audit/load-names.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { SuspendProvisioningInput, ProvisioningSuspensionType, TargetType } from './hold.type.ts';

@Resolver()
@Allow('admin', 'operator')
export class HoldResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [ProvisioningSuspensionType], { description: 'Open holds, the newest first.' })
  @Allow(...readers)
  suspensions(): Promise<readonly StoredHold[]> {
    return this.dependencies.store.read((tx) => tx.holds.open());
  }

  @Query(() => [TargetType], { description: 'The connected systems, in the order of names.' })
  @Allow(...readers)
  async targets(): Promise<readonly TargetType[]> {
    const open = await this.dependencies.store.read((tx) => tx.holds.open());
    return Object.values(this.dependencies.configuration.targets)
      .map(({ name, title, kind }) => ({ name, title, kind, suspensions: open.filter(({ target }) => target === name) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  @Mutation(() => ProvisioningSuspensionType, {
    description:
      "Has nothing written to a target, for a person, or one operation not done, until an instant at which that is over by itself. The end of somebody's access goes through, unless a target is held as a whole or keepsAccess is said.",
  })
  suspendProvisioning(
    @Args('input', { type: () => SuspendProvisioningInput }) input: SuspendProvisioningInput,
    @Context() context: GraphqlContext,
  ): Promise<StoredHold> {
    const { store, clock, loop } = this.dependencies;
    const { identityId, target, operationId, until, suspendsDeprovisioning: keepsAccess, reason } = input;
    const wanted: WantedHold = {
      identityId: identityId == null ? null : checkedId('input.identityId', identityId),
      target: target ?? null,
      operationId: operationId == null ? null : checkedId('input.operationId', operationId),
      until,
      keepsAccess,
      reason: checkedReason(reason, 'input.reason'),
    };
    return store.transaction(actOf(context, clock()), (tx) => placeHoldAs(tx, loop, callerOf(context), wanted));
  }

  @Mutation(() => ProvisioningSuspensionType, { description: 'Ends a hold before its time. Whoever waited for it goes on, those who leave first.' })
  resumeProvisioning(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<StoredHold> {
    const { store, clock, loop } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => liftHold(tx, loop, checkedId('id', id), checkedReason(reason)));
  }
}

@Resolver(() => ProvisioningSuspensionType)
@Allow(...readers)
export class HoldPlacedByResolver {
  @ResolveField(() => String, { name: 'suspendedBy', description: 'Display name of the operator, or name of the service token.' })
  placedBy(@Parent() { placedBy }: StoredHold, @Context() { loaders }: GraphqlContext): Promise<string> {
    return named(placedBy, loaders);
  }
}
