import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { InputInvalid, mustExist } from '@tenure/domain';
import { roles as knownRoles } from '@tenure/engine/callers';
import { createServiceToken, revokeServiceToken } from '@tenure/engine/tokens';
import type { ServiceToken } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { CreatedServiceToken, CreateServiceTokenInput, ServiceTokenType } from './service-token.type.ts';

/** Milliseconds: a leap year. */
const longestLife = 366 * 24 * 3600 * 1000;

@Resolver()
@Allow('admin')
export class ServiceTokenResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [ServiceTokenType], { description: 'Service tokens, the newest first, including expired and revoked ones. For administrators.' })
  serviceTokens(): Promise<readonly ServiceToken[]> {
    return this.dependencies.store.read((tx) => tx.sessions.serviceTokens());
  }

  @Mutation(() => CreatedServiceToken, {
    description:
      'Creates a service token. It ends no later than your own token or admin grant, and together with the person and the token that created it. Each request has only those of its roles that you may assign at that time. An administrator token that was created without a person lasts at most a day. For administrators.',
  })
  async createServiceToken(
    @Args('input', { type: () => CreateServiceTokenInput, description: 'Token to create.' }) input: CreateServiceTokenInput,
    @Context() context: GraphqlContext,
  ): Promise<CreatedServiceToken> {
    await context.countToken();
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const { kind, id, personId } = caller;
    // The person responsible for a token is responsible for tokens made with it.
    const wanted = {
      ...this.checked(input),
      createdBy: personId === null ? `${kind} ${id}` : `person ${personId}`,
      identityId: personId,
      parentId: kind === 'service' ? id : null,
    };
    return store.transaction(actOf(context, clock()), (tx) => createServiceToken(tx, engine, caller, wanted));
  }

  @Mutation(() => ServiceTokenType, { description: 'Revokes a service token at once, with all tokens that were created with it. For administrators.' })
  async revokeServiceToken(
    @Args('id', { type: () => ID, description: 'Id of the token.' }) id: string,
    @Context() context: GraphqlContext,
  ): Promise<ServiceToken> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), (tx) => revokeServiceToken(tx, checkedId('id', id)));
  }

  private checked({
    name,
    roles,
    expiresAt,
    responsibleId = null,
  }: CreateServiceTokenInput): Pick<ServiceToken, 'name' | 'roles' | 'expiresAt' | 'responsibleId'> {
    const { clock, configuration } = this.dependencies;
    const valid = [...knownRoles.filter((role) => role !== 'self'), ...Object.keys(configuration.sources).map((source) => `source:${source}`)];
    const wrong = roles.find((role) => !valid.includes(role));
    if (wrong !== undefined) mustExist('input.roles', 'role', wrong, valid);
    if (roles.length === 0) throw new InputInvalid('input.roles must have at least one role');
    if (name.trim() === '' || name.length > 100) throw new InputInvalid('input.name must have 1 to 100 characters');
    const life = Date.parse(expiresAt) - Date.parse(clock());
    if (life <= 0 || life > longestLife) throw new InputInvalid('input.expiresAt must be in the future, at most a year ahead');
    if (responsibleId !== null && !isForSources(roles))
      throw new InputInvalid('input.responsibleId is only for tokens with a role source:<name>', { argument: 'input.responsibleId' });
    return {
      name: name.trim(),
      roles: [...new Set(roles)],
      expiresAt,
      responsibleId: responsibleId === null ? null : checkedId('input.responsibleId', responsibleId),
    };
  }
}

function isForSources(roles: readonly string[]): boolean {
  return roles.some((role) => role.startsWith('source:'));
}
