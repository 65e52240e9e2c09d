import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { NotFound } from '@tenure/domain';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { checkedReason } from '../operations/judge-operation.ts';
import { endAllSessions } from './end-all-sessions.ts';
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
    return store.transaction(actOf(context, clock()), async (tx) => {
      if ((await tx.identities.get(checkedId('identityId', identityId))) === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
      const count = await tx.sessions.revokeAll(identityId, 'revoked by an operator', tx.context.now);
      tx.audit.record({
        action: 'sessions.revoked',
        subjectKind: 'identity',
        subjectId: identityId,
        identityId,
        reason: { count, why: 'revoked by an operator' },
        personal: { reason: why },
      });
      return { count };
    });
  }
}
