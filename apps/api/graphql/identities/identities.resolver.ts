import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Forbidden, InputInvalid, type LifecycleState, mustExist } from '@tenure/domain';
import type { IdentityFilter as StoreFilter, Store, StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken, storeToken } from '../../server/dependencies.ts';
import { checkedId, type Connection, connectionOf, idAfter, pageSize } from '../connection.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { IdentityConnection, IdentityFilter, IdentityType } from './identity.type.ts';
import { currentPolicy } from '@tenure/engine/policy';

type Counted = Connection<StoredIdentity> & { readonly wanted: StoreFilter };

/** Characters of a search. */
const longestSearch = 200;

@Resolver()
export class IdentitiesResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => IdentityConnection, { description: 'People, in the order of their ids. For administrators, operators and auditors.' })
  @Allow(...readers)
  async identities(
    @Args('filter', { type: () => IdentityFilter, nullable: true, description: 'Conditions. Absent: all people.' }) filter: IdentityFilter | null,
    @Args('search', {
      type: () => String,
      nullable: true,
      description: 'Part of a name, email address, employee number or user name, at most 200 characters. Absent: any.',
    })
    search: string | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Counted> {
    const size = pageSize(first);
    if ((search ?? '').length > longestSearch) throw new InputInvalid(`search has at most ${longestSearch} characters`);
    const wanted: StoreFilter = {
      ...(search?.trim() ? { search: search.trim() } : {}),
      ...(filter?.states ? { states: filter.states as readonly LifecycleState[] } : {}),
      ...(filter?.userTypes ? { userTypes: filter.userTypes } : {}),
      ...(filter?.grant ? { withGrant: filter.grant } : {}),
    };
    const before = idAfter(after);
    const { store, engine } = this.dependencies;
    const found = await store.read(async (tx) => {
      if (wanted.withGrant !== undefined) {
        const { roles, entitlements } = (await currentPolicy(tx, engine)).document;
        mustExist('filter.grant', 'role or entitlement', wanted.withGrant, [...Object.keys(roles), ...Object.keys(entitlements)]);
      }
      return tx.identities.page(wanted, size + 1, before);
    });
    return { ...connectionOf(found, size, after, ({ id }) => [id]), wanted };
  }

  @Query(() => IdentityType, {
    nullable: true,
    description: 'Person by id or by user name; null: there is none. Provide exactly one argument. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async identity(
    @Args('id', { type: () => ID, nullable: true, description: 'Id of the person. Absent: userName is given.' }) id: string | null,
    @Args('userName', { type: () => String, nullable: true, description: 'User name of the person. Absent: id is given.' }) userName: string | null,
    @Context() { loaders }: GraphqlContext,
  ): Promise<StoredIdentity | null> {
    if ((id == null) === (userName == null)) throw new InputInvalid('Provide either id or userName.');
    if (id != null) return loaders.identity.load(checkedId('id', id));
    return this.dependencies.store.read((tx) => tx.identities.byUserName(userName ?? ''));
  }

  @Query(() => IdentityType, { description: 'The person of your session.' })
  @Allow('self')
  async me(@Context() context: GraphqlContext): Promise<StoredIdentity> {
    const identity = await context.loaders.identity.load(callerOf(context).id);
    if (identity === null) throw new Forbidden('me needs the session of a person.');
    return identity;
  }
}

@Resolver(() => IdentityConnection)
@Allow(...readers)
export class IdentityConnectionResolver {
  constructor(@Inject(storeToken) private readonly store: Store) {}

  @ResolveField(() => Int, { description: 'Number of people on all pages.' })
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.store.read((tx) => tx.identities.count(wanted));
  }
}
