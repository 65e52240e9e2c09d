import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type ConnectionKind, didYouMean, NotFound } from '@tenure/domain';
import { requestCheck } from '@tenure/engine/connections';
import type { ConnectionName, Transaction } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { actOf, type GraphqlContext } from '../../server/context.ts';
import { ConnectionKindEnum } from '../enums.ts';
import { TargetType } from '../suspensions/suspension.type.ts';
import { ConnectionHealthType, IdentityProviderType } from './connection.type.ts';
import { viewHealth } from './view-health.ts';

@Resolver()
@Allow('admin', 'operator')
export class ConnectionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [IdentityProviderType], { description: 'Identity providers, in the order of their names. For administrators, operators and auditors.' })
  @Allow(...readers)
  identityProviders(): readonly IdentityProviderType[] {
    return Object.values(this.dependencies.configuration.identityProviders)
      .map(({ name, title, protocol }) => ({ name, title, protocol }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  @Mutation(() => ConnectionHealthType, {
    description:
      'Requests a test of a target or identity provider by a worker. The answer is the last result; read health again until requestedAt is null. For administrators and operators.',
  })
  async checkConnection(
    @Args('kind', { type: () => ConnectionKindEnum, description: 'Kind of the connection.' }) kind: ConnectionKind,
    @Args('name', { type: () => String, description: 'Name in tenure.yaml.' }) name: string,
    @Context() context: GraphqlContext,
  ): Promise<ConnectionHealthType> {
    const { store, clock, configuration } = this.dependencies;
    const names = Object.keys(kind === 'target' ? configuration.targets : configuration.identityProviders);
    if (!names.includes(name))
      throw new NotFound(
        `name: there is no ${kind === 'target' ? 'target' : 'identity provider'} of that name${didYouMean(name.slice(0, 100), names)}; there is ${names.join(', ') || 'none'}`,
      );
    const now = clock();
    const asked = await store.transaction(actOf(context, now), (tx) => requestCheck(tx, { kind, name }));
    return store.read((tx) => viewHealth(tx, { kind, name }, asked, now));
  }
}

/** The health of a target. */
@Resolver(() => TargetType)
@Allow(...readers)
export class TargetHealthResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => ConnectionHealthType, { description: 'Result of the last connection test.' })
  health(@Parent() { name }: TargetType): Promise<ConnectionHealthType> {
    return healthOf(this.dependencies, { kind: 'target', name });
  }
}

/** The health of an identity provider. */
@Resolver(() => IdentityProviderType)
@Allow(...readers)
export class IdentityProviderHealthResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => ConnectionHealthType, { description: 'Result of the last connection test. WORKS: logins can begin there.' })
  health(@Parent() { name }: IdentityProviderType): Promise<ConnectionHealthType> {
    return healthOf(this.dependencies, { kind: 'identity-provider', name });
  }
}

function healthOf({ store, clock }: ApiDependencies, connection: ConnectionName): Promise<ConnectionHealthType> {
  return store.read(async (tx: Transaction) => {
    const known = await tx.connections.all();
    const found = known.find(({ kind, name }) => kind === connection.kind && name === connection.name);
    return viewHealth(tx, connection, found ?? null, clock());
  });
}
