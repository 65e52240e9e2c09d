import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { breakGlass, breakGlassCatalogueOf, reviewBreakGlass } from '@tenure/engine/requests';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { BreakGlassInput, BreakGlassOptionType } from './break-glass.type.ts';
import { readRequest } from './read-requests.ts';
import { AccessRequestType } from './request.type.ts';
import { checkedReason } from '@tenure/domain';

/** Access that cannot wait, and its review. */
@Resolver()
export class BreakGlassResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [BreakGlassOptionType], { description: 'Roles and entitlements that you may take at once as break-glass access. For people with a session.' })
  @Allow('self')
  async breakGlassOptions(@Context() context: GraphqlContext): Promise<readonly BreakGlassOptionType[]> {
    const { store, engine, clock } = this.dependencies;
    // A transaction for its lock and its clock; nothing is written.
    const entries = await store.transaction(actOf(context, clock()), (tx) => breakGlassCatalogueOf(tx, engine, callerOf(context).id));
    return entries.map(({ conflicts, ...entry }) => ({ ...entry, violatedRules: conflicts.map(({ rule }) => rule) }));
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Takes break-glass access at once, where the policy allows it: for a time that cannot be extended, with a notification and a review afterwards. For people with a session, for themselves.',
  })
  @Allow('self')
  async breakGlass(
    @Args('input', { type: () => BreakGlassInput, description: 'Access to take.' }) input: BreakGlassInput,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const { kind, name, duration = null } = input;
    const taken = { identityId: callerOf(context).id, kind, name, duration, justification: checkedReason(input.justification, 'input.justification') };
    const requestId = await store.transaction(actOf(context, clock()), (tx) => breakGlass(tx, engine, taken));
    return readRequest(this.dependencies, requestId, context);
  }

  @Mutation(() => AccessRequestType, {
    description: 'Records the review of break-glass access. If it was not justified, the access ends at once. For its reviewers, administrators and operators.',
  })
  @Allow('self', 'admin', 'operator')
  async reviewBreakGlass(
    @Args('itemId', { type: () => ID, description: 'Id of the item.' }) itemId: string,
    @Args('justified', { type: () => Boolean, description: 'True if the access was justified.' }) isJustified: boolean,
    @Args('comment', { type: () => String, description: 'Comment, 1 to 1000 characters.' }) comment: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const { id, kind, personId, roles } = callerOf(context);
    const by = { id, isPerson: kind === 'person', personId, isOperator: roles.has('admin') || roles.has('operator') };
    const review = { itemId: checkedId('itemId', itemId), isJustified, comment: checkedReason(comment, 'comment') };
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => reviewBreakGlass(tx, engine, review, by));
    return readRequest(this.dependencies, requestId, context);
  }
}
