import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { checkedReason } from '@tenure/domain';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { endAllSessions, endOneSession, revokeSessions } from '@tenure/engine/login';
import { retryLogoutNotifications } from '@tenure/engine/logouts';
import { EndedSession, RetriedLogoutNotifications, RevokedSessions } from './session.type.ts';

@Resolver()
export class SessionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => RevokedSessions, {
    description:
      'Ends all of your sessions, including this one. Service tokens that you created stay valid: see revokeServiceToken. For people with a session.',
  })
  @Allow('self')
  logOutEverywhere(@Context() context: GraphqlContext): Promise<RevokedSessions> {
    const { store, clock } = this.dependencies;
    const { id } = callerOf(context);
    return store.transaction(actOf(context, clock()), async (tx) => ({ count: await endAllSessions(tx, id) }));
  }

  @Mutation(() => RevokedSessions, {
    description: 'Ends all sessions of a person at once. The person may log in again where the policy allows it. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  revokeSessions(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RevokedSessions> {
    const { store, clock } = this.dependencies;
    const why = checkedReason(reason);
    return store.transaction(actOf(context, clock()), async (tx) => ({ count: await revokeSessions(tx, checkedId('identityId', identityId), why) }));
  }

  @Mutation(() => EndedSession, {
    description:
      'Ends one session in Tenure or at an application, with everything below it. Applications are notified. A reason is needed for the session of somebody else. NOT_FOUND for a session of others without the right. For the person, and for administrators and operators.',
  })
  @Allow('self', 'admin', 'operator')
  endSession(
    @Args('id', { type: () => ID, description: 'Id of the session.' }) id: string,
    @Args('reason', { type: () => String, nullable: true, description: 'Reason of the person who ends it. Absent: it is their own session.' })
    reason: string | null,
    @Context() context: GraphqlContext,
  ): Promise<EndedSession> {
    const { store, clock } = this.dependencies;
    const why = reason == null ? null : checkedReason(reason);
    const ending = { id: checkedId('id', id), reason: why };
    return store.transaction(actOf(context, clock()), (tx) => endOneSession(tx, callerOf(context), ending));
  }

  @Mutation(() => RetriedLogoutNotifications, {
    description:
      'Notifies an application again of ends of sessions that it refused, or of which it could not be notified for a week. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  retryLogoutNotifications(
    @Args('application', { type: () => String, description: 'Name of the application.' }) application: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RetriedLogoutNotifications> {
    const { store, engine, clock } = this.dependencies;
    const why = checkedReason(reason);
    return store.transaction(actOf(context, clock()), async (tx) => ({ count: await retryLogoutNotifications(tx, engine, application, why) }));
  }
}
