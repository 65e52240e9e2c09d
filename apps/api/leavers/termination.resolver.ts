import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { liftTermination, terminate, type Termination } from '@tenure/activities';
import { InputInvalid } from '@tenure/domain';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, type GraphqlContext } from '../graphql/context.ts';
import { checkedReason } from '../operations/judge-operation.ts';
import { TerminationType } from './termination.type.ts';

/** People in one call. */
const mostPeople = 500;

@Resolver(() => TerminationType)
export class TerminationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => [TerminationType], {
    description:
      'Ends the time of these people at once: their sessions end in the same transaction, all targets follow side by side. It goes before whatever any source says, until liftTermination. Each person is their own transaction; the answers are in the order of the ids.',
  })
  @Allow('admin', 'operator')
  async terminateNow(
    @Args('identityIds', { type: () => [ID] }) identityIds: readonly string[],
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly Termination[]> {
    const why = checkedReason(reason);
    const ids = identityIds.map(checkedId);
    if (ids.length > mostPeople) throw new InputInvalid(`at most ${mostPeople} people in one call`, { people: String(ids.length) });
    const terminations: Termination[] = [];
    const { store, loop, clock } = this.dependencies;
    for (const id of ids) terminations.push(await store.transaction(actOf(context, clock()), (tx) => terminate(tx, loop, id, why)));
    return terminations;
  }

  @Mutation(() => TerminationType, { description: 'Takes a termination by terminateNow back: what the sources say counts again.' })
  @Allow('admin', 'operator')
  liftTermination(
    @Args('identityId', { type: () => ID }) identityId: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Termination> {
    const why = checkedReason(reason);
    const { store, loop, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => liftTermination(tx, loop, checkedId(identityId), why));
  }
}
