import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { checkedReason } from '@tenure/domain';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { endAllSessions, revokeSessions } from '@tenure/engine/login';
import { RevokedSessions } from './session.type.ts';

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
}
