import { Inject } from '@nestjs/common';
import { Args, Context, Field, ID, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import { type Reactivation, reactivate } from '@tenure/engine/leavers';
import { Forbidden } from '@tenure/domain';
import { Allow } from '../access/allow.ts';
import { openCaseFor } from '../cases/answer-case.ts';
import { isOperator } from '../cases/answerer.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { LifecycleStateEnum, ReactivationOutcomeEnum } from '../graphql/enums.ts';
import { checkedReason } from '../operations/judge-operation.ts';

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
    return store.transaction(actOf(context, clock()), async (tx) => {
      if (caller.personId === id) throw new Forbidden('nobody brings back themselves');
      // Whoever the open case asks, also in a colleague's place; the same words whether or not there is one.
      if (!isOperator(caller)) await openCaseFor(tx, caller, (await tx.cases.openOfKey(`inactive/${id}`))?.id ?? id);
      return reactivate(tx, loop, id, why);
    });
  }
}
