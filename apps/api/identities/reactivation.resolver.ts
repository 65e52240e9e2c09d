import { Inject } from '@nestjs/common';
import { Args, Context, Field, ID, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import { type Reactivation, reactivateAs } from '@tenure/engine/leavers';
import { checkedReason } from '@tenure/domain';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { LifecycleStateEnum, ReactivationOutcomeEnum } from '../graphql/enums.ts';

@ObjectType('Reactivation', { description: 'What reactivate came to.' })
export class ReactivationType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => ReactivationOutcomeEnum)
  outcome!: string;
  @Field(() => LifecycleStateEnum, { description: 'Where the life stands now.' })
  state!: string;
}

@Resolver(() => ReactivationType)
export class ReactivationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => ReactivationType, {
    description:
      'Brings somebody back who was disabled or removed since nothing was heard of them: they count as heard of today. For operators, and for whom the open case asks; never for oneself.',
  })
  @Allow('admin', 'operator', 'self')
  reactivate(
    @Args('identityId', { type: () => ID }) identityId: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Reactivation> {
    const why = checkedReason(reason);
    const { store, loop, clock } = this.dependencies;
    const caller = callerOf(context);
    const id = checkedId('identityId', identityId);
    return store.transaction(actOf(context, clock()), (tx) => reactivateAs(tx, loop, caller, id, why));
  }
}
