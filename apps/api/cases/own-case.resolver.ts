import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Case } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { displayName } from '../identities/view-attributes.ts';
import { reassignCase, resolveCase } from './answer-case.ts';
import { CaseType, OwnCaseType } from './case.type.ts';

/** For those whom cases belong to, and for operators in their place. */
@Resolver()
export class OwnCaseResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [OwnCaseType], { description: 'Open questions that are yours to answer; what is due first comes first.' })
  @Allow('self')
  async myCases(@Context() context: GraphqlContext): Promise<readonly OwnCaseType[]> {
    const cases = await this.dependencies.store.read((tx) => tx.cases.openOfOwner(callerOf(context).id));
    return Promise.all(
      cases.map(async ({ identityId, ...own }) => {
        const subject = identityId === null ? null : await context.loaders.identity.load(identityId);
        return { ...own, subjectName: subject === null ? null : displayName(subject) };
      }),
    );
  }

  @Mutation(() => CaseType, { description: 'Closes a case with what was done about it: by whose it is, or by an operator.' })
  @Allow('admin', 'operator', 'self')
  resolveCase(
    @Args('id', { type: () => ID }) id: string,
    @Args('resolution', { type: () => String }) resolution: string,
    @Context() context: GraphqlContext,
  ): Promise<Case> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => resolveCase(tx, callerOf(context), checkedId(id), resolution));
  }

  @Mutation(() => CaseType, { description: "Makes a case another person's to answer; without an owner, any operator's." })
  @Allow('admin', 'operator', 'self')
  reassignCase(
    @Args('id', { type: () => ID }) id: string,
    @Args('ownerId', { type: () => ID, nullable: true }) ownerId: string | null,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Case> {
    const { store, clock } = this.dependencies;
    const owner = ownerId == null ? null : checkedId(ownerId);
    return store.transaction(actOf(context, clock()), (tx) => reassignCase(tx, callerOf(context), checkedId(id), owner, reason));
  }
}
