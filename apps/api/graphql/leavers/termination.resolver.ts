import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import {
  askSecondPerson,
  approvedEnds,
  discardUrgentEnds,
  type EndAhead,
  endLater,
  endUrgently,
  endWaiting,
  withdrawTermination,
  mustFitEndsLater,
  mustLieAhead,
  type Termination,
  endingCaller,
} from '@tenure/engine/leavers';
import { InputInvalid, isDate, checkedReason } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { InstantScalar } from '../scalars.ts';
import { TerminationType } from './termination.type.ts';

/** With the case in which it waits. */
type EndedPerson = Termination & { readonly caseId?: string };

/** People in one call. */
const mostPeople = 500;

@Resolver(() => TerminationType)
export class TerminationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => [TerminationType], {
    description:
      'Terminates people at once: their sessions end in the same transaction, and all targets follow in parallel. It takes precedence over every source, until withdrawTermination. Each person has a transaction of their own; the results are in the order of identityIds. Beyond budget.urgentEnds of the policy, counted for each caller and hour, people wait for a second person (outcome WAITS_FOR_APPROVAL, caseId). Only administrators can terminate administrators; nobody can terminate themselves or the last administrator. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async terminateNow(
    @Args('identityIds', { type: () => [ID], description: 'Ids of people, 1 to 500.' }) identityIds: readonly string[],
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly EndedPerson[]> {
    const why = checkedReason(reason);
    const { engine, store, clock } = this.dependencies;
    const by = await store.read((tx) => endingCaller(tx, callerOf(context)));
    const done = await this.oneByOne(checkedPeople(identityIds), context, (tx, id) => endUrgently(tx, engine, by, id, why));
    const waiting = done.filter(({ outcome }) => outcome === 'waits').map(({ identityId }) => identityId);
    if (waiting.length === 0) return done;
    const caseId = await store.transaction(actOf(context, clock()), (tx) => askSecondPerson(tx, by, waiting, why));
    return done.map((one) => (one.outcome === 'waits' ? { ...one, caseId } : one));
  }

  @Mutation(() => [TerminationType], {
    description:
      'Terminates the people who wait in a case URGENT_ENDS, as a second person: with a session, not a token, and not as the requester. People whom you may not terminate stay in the case. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async approveUrgentEnds(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('digest', {
      type: () => String,
      description: 'Digest from the evidence of the case. Refused when the waiting people have changed since you read it.',
    })
    digest: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly Termination[]> {
    const why = checkedReason(reason);
    const { store, clock, engine } = this.dependencies;
    const caller = callerOf(context);
    const waiting = await store.transaction(actOf(context, clock()), (tx) => approvedEnds(tx, caller, checkedId('caseId', caseId), digest));
    const by = await store.read((tx) => endingCaller(tx, callerOf(context)));
    const done = await this.oneByOne(waiting, context, (tx, identityId) => endWaiting(tx, engine, by, { caseId, identityId, reason: why }));
    return done.filter((one) => one !== null);
  }

  @Mutation(() => Boolean, {
    description:
      'Closes a case URGENT_ENDS without terminating the people who still wait in it. The reason is stored as a comment of the case. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async discardUrgentEnds(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<boolean> {
    const { store, clock } = this.dependencies;
    const caller = callerOf(context);
    await store.transaction(actOf(context, clock()), (tx) => discardUrgentEnds(tx, caller, checkedId('caseId', caseId), reason));
    return true;
  }

  @Mutation(() => [TerminationType], {
    description:
      'Schedules the termination of people at an instant, or after a last day in the time zone of each person. Provide exactly one of at and on. It takes precedence over every source, except one with an earlier end. It shows in forecast and accessAt; another call replaces it, withdrawTermination withdraws it. An end in the past for one of them is refused for all: use terminateNow. An end within a day counts as an urgent end (budget.urgentEnds). Only administrators can terminate administrators; nobody can terminate themselves or the last administrator. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async terminate(
    @Args('identityIds', { type: () => [ID], description: 'Ids of people, 1 to 500.' }) identityIds: readonly string[],
    @Args('at', { type: () => InstantScalar, nullable: true, description: 'Instant of the termination. Absent: on is given.' }) at: string | null,
    @Args('on', { type: () => String, nullable: true, description: 'Last day, such as 2026-03-31. Absent: at is given.' }) on: string | null,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<readonly Termination[]> {
    const why = checkedReason(reason);
    const ids = checkedPeople(identityIds);
    const end = checkedEnd(at, on);
    const { engine, store, clock } = this.dependencies;
    const by = await store.read((tx) => endingCaller(tx, callerOf(context)));
    mustLieAhead(await store.read((tx) => tx.identities.many(ids)), end, clock());
    await store.transaction(actOf(context, clock()), (tx) => mustFitEndsLater(tx, engine, by, ids, end));
    return this.oneByOne(ids, context, (tx, id) => endLater(tx, engine, by, id, end, why));
  }

  @Mutation(() => TerminationType, {
    description: 'Withdraws terminateNow or terminate: the ends that sources state apply again. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async withdrawTermination(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Termination> {
    const why = checkedReason(reason);
    const { store, engine, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => withdrawTermination(tx, engine, checkedId('identityId', identityId), why));
  }

  private async oneByOne<T>(ids: readonly string[], context: GraphqlContext, one: (tx: Transaction, id: string) => Promise<T>): Promise<readonly T[]> {
    const { store, clock } = this.dependencies;
    const terminations: T[] = [];
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
