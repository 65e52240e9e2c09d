import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { createLoginLink, endLogin } from '@tenure/engine/login';
import { checkedReason, Forbidden } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { EndedLogins, LoginLinkType, LoginType } from './login.type.ts';

@Resolver(() => IdentityType)
@Allow('admin')
export class LoginResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => [LoginType], {
    description: 'Federated logins that are bound to the person, the oldest first. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async logins(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly LoginType[]> {
    const { identityProviders } = this.dependencies.configuration;
    const mayLink = (provider: string): boolean => identityProviders[provider]?.mayLink?.includes('privileged') === true;
    return (await loaders.logins.load(id)).map((login) => ({ ...login, mayActWithRights: login.isConfirmed || mayLink(login.provider) }));
  }

  @Mutation(() => LoginLinkType, {
    description:
      'Creates a one-time login link: the login that follows it is bound to the person, whatever its claims are. For the first administrator, and for people who cannot log in otherwise. It ends the binding of another login of the person at this provider. It works once, until expiresAt, and only while its creator is an administrator. For administrators.',
  })
  async createLoginLink(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('provider', { type: () => String, description: 'Name under identityProviders in tenure.yaml.' }) provider: string,
    @Args('hours', { type: () => Int, defaultValue: 24, description: 'Lifetime in hours, 1 to 72.' }) hours: number,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<LoginLinkType> {
    await context.countToken();
    const { store, clock, configuration } = this.dependencies;
    const why = checkedReason(reason);
    const { kind, id, personId } = callerOf(context);
    const createdBy = personId === null ? `${kind} ${id}` : `person ${personId}`;
    return store.transaction(actOf(context, clock()), (tx) =>
      createLoginLink(tx, configuration, { identityId: checkedId('identityId', identityId), provider, hours, reason: why, createdBy }),
    );
  }

  @Mutation(() => EndedLogins, {
    description:
      "Ends the bindings of a person's logins at one provider, and their sessions. Facts and groups from these logins no longer count, and the next login with one of them is matched again. Not for your own logins. For administrators.",
  })
  async endLogin(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('provider', { type: () => String, description: 'Name of the identity provider in tenure.yaml.' }) provider: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<EndedLogins> {
    const { store, clock, engine } = this.dependencies;
    const why = checkedReason(reason);
    checkedId('identityId', identityId);
    if (callerOf(context).personId === identityId) throw new Forbidden('You cannot end your own login: log out, or ask another administrator.', { identityId });
    const ended = await store.transaction(actOf(context, clock()), (tx) => endLogin(tx, engine, { identityId, provider, reason: why }));
    return { identityId, ended: ended.map((subject) => ({ ...subject, mayActWithRights: false })) };
  }
}
