import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import {
  approveUrgentEnds,
  discardUrgentEnds,
  type EndAhead,
  type RequestedTermination,
  type Termination,
  terminateLater,
  terminateNow,
  withdrawTermination,
} from '@tenure/engine/leavers';
import { InputInvalid, isDate, checkedReason } from '@tenure/domain';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { InstantScalar } from '../scalars.ts';
import { TerminationType } from './termination.type.ts';

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
  ): Promise<readonly RequestedTermination[]> {
    const why = checkedReason(reason);
    return terminateNow(this.oneByOne(context), callerOf(context), checkedPeople(identityIds), why);
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
    return approveUrgentEnds(this.oneByOne(context), callerOf(context), { caseId: checkedId('caseId', caseId), digest, reason: checkedReason(reason) });
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
    return terminateLater(this.oneByOne(context), callerOf(context), ids, end, why);
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

  private oneByOne(context: GraphqlContext): Parameters<typeof terminateNow>[0] {
    const { store, engine, clock } = this.dependencies;
    return { store, engine, context: () => actOf(context, clock()) };
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
