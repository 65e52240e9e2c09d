import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { endException, grantException, mustBeSeparationRule } from '@tenure/engine/separation';
import type { ExceptionInForce } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { displayName } from '../identities/view-attributes.ts';
import type { PersonNameType } from '../requests/person-name.type.ts';
import { isOperator } from '@tenure/engine/cases';
import { GrantSeparationExceptionInput, SeparationExceptionConnection, SeparationExceptionType } from './separation-exception.type.ts';
import { checkedReason } from '@tenure/domain';

@Resolver(() => SeparationExceptionType)
export class SeparationExceptionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => SeparationExceptionConnection, {
    description: "What is held together by somebody's word at this moment: allowed from a case, or asked for with a request. The newest first.",
  })
  @Allow(...readers)
  async separationExceptions(
    @Args('rule', { type: () => String, nullable: true }) rule: string | null,
    @Args('identityId', { type: () => ID, nullable: true }) identityId: string | null,
    @Args('first', { type: () => Int, defaultValue: 25 }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Context() context: GraphqlContext,
  ): Promise<Connection<SeparationExceptionType>> {
    const { store, loop, clock } = this.dependencies;
    const size = pageSize(first);
    const before = eventBefore(after);
    const wanted = { ...(rule == null ? {} : { rule }), ...(identityId == null ? {} : { identityId: checkedId('identityId', identityId) }) };
    const found = await store.read(async (tx) => {
      if (rule != null) await mustBeSeparationRule(tx, loop, rule);
      return tx.separationExceptions.inForce(wanted, size + 1, before, clock());
    });
    const views = await Promise.all(found.map((one) => this.view(one, context)));
    return connectionOf(views, size, after, ({ validFrom, id }) => [validFrom, id]);
  }

  @Mutation(() => SeparationExceptionType, {
    description:
      'Lets somebody hold together what a rule separates, until an instant: for the owner of the rule, from a case of kind SEPARATION_VIOLATION or SEPARATION_CONFLICT, never about oneself. The case is answered by it, and comes back when the exception is over. Refused with INPUT_INVALID when the case says other names by now.',
  })
  @Allow('self')
  async grantSeparationException(
    @Args('input', { type: () => GrantSeparationExceptionInput }) input: GrantSeparationExceptionInput,
    @Context() context: GraphqlContext,
  ): Promise<SeparationExceptionType> {
    const { store, loop, clock } = this.dependencies;
    const caller = callerOf(context);
    const { caseId, names, until } = input;
    const said = { control: checkedReason(input.control, 'input.control'), reason: checkedReason(input.reason, 'input.reason') };
    const wanted = { caseId: checkedId('input.caseId', caseId), names, until, ...said, by: caller.id };
    return this.view({ ...(await store.transaction(actOf(context, clock()), (tx) => grantException(tx, loop, wanted))), requestId: null }, context);
  }

  @Mutation(() => SeparationExceptionType, {
    description:
      'Takes an exception back that was allowed from a case: for the owner of the rule, and operators. What it let be held together is separated again.',
  })
  @Allow('self', 'admin', 'operator')
  async endSeparationException(
    @Args('id', { type: () => ID }) id: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<SeparationExceptionType> {
    const { store, loop, clock } = this.dependencies;
    const caller = callerOf(context);
    const by = { id: caller.id, isPerson: caller.kind === 'person', isOperator: isOperator(caller) };
    const ending = { id: checkedId('id', id), reason: checkedReason(reason) };
    return this.view({ ...(await store.transaction(actOf(context, clock()), (tx) => endException(tx, loop, ending, by))), requestId: null }, context);
  }

  private async view({ identityId, grantedBy, ...exception }: ExceptionInForce, { loaders }: GraphqlContext): Promise<SeparationExceptionType> {
    const named = async (id: string): Promise<PersonNameType> => {
      const person = await loaders.identity.load(id);
      return { id, displayName: person === null ? id : displayName(person) };
    };
    return { ...exception, for: await named(identityId), grantedBy: grantedBy === null ? null : await named(grantedBy) };
  }
}
