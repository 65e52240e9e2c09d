import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { type EndAhead, liftTermination, mustLieAhead, terminate, terminateAhead, type Termination } from '@tenure/activities';
import { InputInvalid, isDate } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, type GraphqlContext } from '../graphql/context.ts';
import { InstantScalar } from '../graphql/scalars.ts';
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
    const { loop } = this.dependencies;
    return this.oneByOne(checkedPeople(identityIds), context, (tx, id) => terminate(tx, loop, id, why));
  }

  @Mutation(() => [TerminationType], {
    description:
      'Has the time of these people end later: at an instant, or with a last day, which ends where each of them is. It goes before whatever any source says, except an end that comes sooner, shows in forecast and accessAt, moves when it is said again, and is taken back by liftTermination. An end that is over for one of them is refused for all: terminateNow is for that.',
  })
  @Allow('admin', 'operator')
  async terminate(
    @Args('identityIds', { type: () => [ID] }) identityIds: readonly string[],
    @Args('at', { type: () => InstantScalar, nullable: true, description: 'The instant; this or on.' }) at: string | null,
    @Args('on', { type: () => String, nullable: true, description: 'The last day, such as 2026-03-31; this or at.' }) on: string | null,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly Termination[]> {
    const why = checkedReason(reason);
    const ids = checkedPeople(identityIds);
    const end = checkedEnd(at, on);
    const { loop, store, clock } = this.dependencies;
    mustLieAhead(await store.read((tx) => tx.identities.many(ids)), end, clock());
    return this.oneByOne(ids, context, (tx, id) => terminateAhead(tx, loop, id, end, why));
  }

  @Mutation(() => TerminationType, { description: 'Takes back what terminateNow or terminate has said: what the sources say counts again.' })
  @Allow('admin', 'operator')
  async liftTermination(
    @Args('identityId', { type: () => ID }) identityId: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Termination> {
    const why = checkedReason(reason);
    const { store, loop, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => liftTermination(tx, loop, checkedId('identityId', identityId), why));
  }

  private async oneByOne(
    ids: readonly string[],
    context: GraphqlContext,
    one: (tx: Transaction, id: string) => Promise<Termination>,
  ): Promise<readonly Termination[]> {
    const { store, clock } = this.dependencies;
    const terminations: Termination[] = [];
    for (const id of ids) terminations.push(await store.transaction(actOf(context, clock()), (tx) => one(tx, id)));
    return terminations;
  }
}

function checkedPeople(identityIds: readonly string[]): readonly string[] {
  const ids = identityIds.map((id, index) => checkedId(`identityIds[${index}]`, id));
  if (ids.length === 0 || ids.length > mostPeople)
    throw new InputInvalid(`identityIds must name 1 to ${mostPeople} people in one call`, { people: String(ids.length) });
  return ids;
}

function checkedEnd(at: string | null | undefined, on: string | null | undefined): EndAhead {
  if (at != null && on == null) return { at };
  if (on == null || at != null) throw new InputInvalid('Provide either at (an instant) or on (a last day).');
  if (!isDate(on)) throw new InputInvalid('on must be a day (YYYY-MM-DD)');
  return { on };
}
