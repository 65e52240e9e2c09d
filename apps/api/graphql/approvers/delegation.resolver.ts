import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { delegateTo, revokeDelegation } from '@tenure/engine/approvers';
import type { NamedPerson } from '@tenure/engine/intake';
import { DELEGATED_KINDS, type DelegatedKind, InputInvalid, isDelegated, checkedReason } from '@tenure/domain';
import type { StoredDelegation } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { DelegatedKindEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { displayName } from '../identities/view-attributes.ts';
import { DelegationType } from './delegation.type.ts';

/** Delegations that are read at a time. */
const mostDelegations = 100;

@Resolver(() => DelegationType)
export class DelegationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [DelegationType], { description: 'Delegations from you and to you, the latest end first; at most 100.' })
  @Allow('self')
  async myDelegations(@Context() context: GraphqlContext): Promise<readonly DelegationType[]> {
    const found = await this.dependencies.store.read((tx) => tx.delegations.of(callerOf(context).id, mostDelegations));
    return Promise.all(found.map((one) => this.view(one, context)));
  }

  @Mutation(() => DelegationType, {
    description:
      'Delegates your approvals or cases to a deputy for a time. Open ones move to the deputy at once and return at the end. Nobody decides about themselves by a delegation. Provide exactly one of to, toUserName and toEmail. For people with a session.',
  })
  @Allow('self')
  async delegate(
    @Args('to', { type: () => ID, nullable: true, description: 'Id of the deputy. Absent: toUserName or toEmail is given.' }) to: string | null,
    @Args('toUserName', { type: () => String, nullable: true, description: 'User name of the deputy. Absent: to or toEmail is given.' }) toUserName:
      | string
      | null,
    @Args('toEmail', {
      type: () => String,
      nullable: true,
      description: 'Email address of the deputy, as a source states it that may assert email addresses. Absent: to or toUserName is given.',
    })
    toEmail: string | null,
    @Args('from', { type: () => InstantScalar, nullable: true, description: 'Begin. Absent: now.' }) from: string | null,
    @Args('until', { type: () => InstantScalar, description: 'End.' }) until: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Args('kinds', { type: () => [DelegatedKindEnum], nullable: true, description: 'Kinds of work to delegate. Absent: all.' }) kinds:
      | readonly DelegatedKind[]
      | null,
    @Context() context: GraphqlContext,
  ): Promise<DelegationType> {
    const { store, clock, engine } = this.dependencies;
    const deputy = namedOnce(to, toUserName, toEmail);
    const wanted = { fromId: callerOf(context).id, validFrom: from ?? null, validUntil: until, kinds: kinds ?? DELEGATED_KINDS, reason: checkedReason(reason) };
    return this.view(await store.transaction(actOf(context, clock()), (tx) => delegateTo(tx, engine, deputy, wanted)), context);
  }

  @Mutation(() => DelegationType, { description: 'Ends a delegation before its end. For the delegating person, the deputy, administrators and operators.' })
  @Allow('self', 'admin', 'operator')
  async revokeDelegation(
    @Args('id', { type: () => ID, description: 'Id of the delegation.' }) id: string,
    @Context() context: GraphqlContext,
  ): Promise<DelegationType> {
    const { store, clock } = this.dependencies;
    const { id: by, roles } = callerOf(context);
    const isOperator = roles.has('admin') || roles.has('operator');
    return this.view(await store.transaction(actOf(context, clock()), (tx) => revokeDelegation(tx, checkedId('id', id), { id: by, isOperator })), context);
  }

  private async view({ fromId, toId, ...delegation }: StoredDelegation, { loaders }: GraphqlContext): Promise<DelegationType> {
    const name = async (id: string): Promise<DelegationType['from']> => {
      const person = await loaders.identity.load(id);
      return { id, displayName: person === null ? id : displayName(person) };
    };
    const now = this.dependencies.clock();
    const isInForce = delegation.kinds.some((kind) => isDelegated({ ...delegation, fromId, toId }, kind, now));
    return { ...delegation, from: await name(fromId), to: await name(toId), isInForce };
  }
}

/** Person with an id, user name or e-mail address. @throws InputInvalid unless exactly one is given */
function namedOnce(id: string | null, userName: string | null, email: string | null): { readonly id: string } | NamedPerson {
  const ways = [
    ...(id == null ? [] : [{ id: checkedId('to', id) }]),
    ...(userName == null ? [] : [{ by: 'userName' as const, value: userName.trim() }]),
    ...(email == null ? [] : [{ by: 'email' as const, value: email.trim() }]),
  ];
  const [only, ...others] = ways;
  if (only === undefined || others.length > 0) throw new InputInvalid('Provide exactly one of to, toUserName or toEmail.');
  return only;
}
