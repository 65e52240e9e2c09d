import { Inject } from '@nestjs/common';
import { Args, Context, Field, ID, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import { type Reactivation, reactivateAs } from '@tenure/engine/leavers';
import { checkedReason } from '@tenure/domain';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { LifecycleStateEnum, ReactivationOutcomeEnum } from '../enums.ts';

@ObjectType('Reactivation', { description: 'Result of reactivate.' })
export class ReactivationType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => ReactivationOutcomeEnum, { description: 'Outcome of the call.' })
  outcome!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state after the call.' })
  state!: string;
}

@Resolver(() => ReactivationType)
export class ReactivationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => ReactivationType, {
    description:
      'Reactivates a person who was disabled or deprovisioned for inactivity: they count as active from today. Refused for yourself. For administrators, operators, and the person to whom the case INACTIVE is assigned.',
  })
  @Allow('admin', 'operator', 'self')
  reactivate(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Reactivation> {
    const why = checkedReason(reason);
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const id = checkedId('identityId', identityId);
    return store.transaction(actOf(context, clock()), (tx) => reactivateAs(tx, engine, caller, id, why));
  }
}
