import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { checkedReason } from '@tenure/domain';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { endAllSessions, revokeSessions } from '@tenure/engine/login';
import { RevokedSessions } from './session.type.ts';

@Resolver()
export class SessionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => RevokedSessions, {
    description: 'Ends all of your sessions, including this one. Service tokens that you created stay valid: revokeServiceToken.',
  })
  @Allow('self')
  logOutEverywhere(@Context() context: GraphqlContext): Promise<RevokedSessions> {
    const { store, clock } = this.dependencies;
    const { id } = callerOf(context);
    return store.transaction(actOf(context, clock()), async (tx) => ({ count: await endAllSessions(tx, id) }));
  }

  @Mutation(() => RevokedSessions, { description: 'Ends every session of a person, at once. They may log in again where policy lets them.' })
  @Allow('admin', 'operator')
  revokeSessions(
    @Args('identityId', { type: () => ID }) identityId: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<RevokedSessions> {
    const { store, clock } = this.dependencies;
    const why = checkedReason(reason);
    return store.transaction(actOf(context, clock()), async (tx) => ({ count: await revokeSessions(tx, checkedId('identityId', identityId), why) }));
  }
}
