import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { endException, grantException, mustBeSeparationRule } from '@tenure/engine/separation';
import type { ExceptionInForce } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { displayName } from '../identities/view-attributes.ts';
import type { PersonNameType } from '../requests/person-name.type.ts';
import { isOperator } from '@tenure/engine/cases';
import { GrantSeparationExceptionInput, SeparationExceptionConnection, SeparationExceptionType } from './separation-exception.type.ts';
import { checkedReason } from '@tenure/domain';

@Resolver(() => SeparationExceptionType)
export class SeparationExceptionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => SeparationExceptionConnection, {
    description:
      'SoD exceptions that are in force, granted from a case or requested with an item, the newest first. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async separationExceptions(
    @Args('rule', {
      type: () => String,
      nullable: true,
      description: 'Name of the separation-of-duties rule. An unknown rule is refused with INPUT_INVALID. Absent: any.',
    })
    rule: string | null,
    @Args('identityId', { type: () => ID, nullable: true, description: 'Id of the person. Absent: any.' }) identityId: string | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
    @Context() context: GraphqlContext,
  ): Promise<Connection<SeparationExceptionType>> {
    const { store, engine, clock } = this.dependencies;
    const size = pageSize(first);
    const before = eventBefore(after);
    const wanted = { ...(rule == null ? {} : { rule }), ...(identityId == null ? {} : { identityId: checkedId('identityId', identityId) }) };
    const found = await store.read(async (tx) => {
      if (rule != null) await mustBeSeparationRule(tx, engine, rule);
      return tx.separationExceptions.inForce(wanted, size + 1, before, clock());
    });
    const views = await Promise.all(found.map((one) => this.view(one, context)));
    return connectionOf(views, size, after, ({ validFrom, id }) => [validFrom, id]);
  }

  @Mutation(() => SeparationExceptionType, {
    description:
      'Grants an SoD exception until an instant, from a case SEPARATION_VIOLATION or SEPARATION_CONFLICT, never about yourself. The case is closed, and opened again when the exception ends. Refused with INPUT_INVALID if the case has other names now. For the owner of the rule.',
  })
  @Allow('self')
  async grantSeparationException(
    @Args('input', { type: () => GrantSeparationExceptionInput, description: 'Exception to grant.' }) input: GrantSeparationExceptionInput,
    @Context() context: GraphqlContext,
  ): Promise<SeparationExceptionType> {
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const { caseId, names, until } = input;
    const said = { control: checkedReason(input.control, 'input.control'), reason: checkedReason(input.reason, 'input.reason') };
    const wanted = { caseId: checkedId('input.caseId', caseId), names, until, ...said, by: caller.id };
    return this.view({ ...(await store.transaction(actOf(context, clock()), (tx) => grantException(tx, engine, wanted))), requestId: null }, context);
  }

  @Mutation(() => SeparationExceptionType, {
    description: 'Ends an SoD exception that was granted from a case; the rule applies again. For the owner of the rule, administrators and operators.',
  })
  @Allow('self', 'admin', 'operator')
  async endSeparationException(
    @Args('id', { type: () => ID, description: 'Id of the exception.' }) id: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<SeparationExceptionType> {
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const by = { id: caller.id, isPerson: caller.kind === 'person', isOperator: isOperator(caller) };
    const ending = { id: checkedId('id', id), reason: checkedReason(reason) };
    return this.view({ ...(await store.transaction(actOf(context, clock()), (tx) => endException(tx, engine, ending, by))), requestId: null }, context);
  }

  private async view({ identityId, grantedBy, ...exception }: ExceptionInForce, { loaders }: GraphqlContext): Promise<SeparationExceptionType> {
    const named = async (id: string): Promise<PersonNameType> => {
      const person = await loaders.identity.load(id);
      return { id, displayName: person === null ? id : displayName(person) };
    };
    return { ...exception, for: await named(identityId), grantedBy: grantedBy === null ? null : await named(grantedBy) };
  }
}
