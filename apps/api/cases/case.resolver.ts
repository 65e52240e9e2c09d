import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Case, CaseKind, CaseSelection, Store, StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken, storeToken } from '../dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../graphql/connection.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import { IdentityType, WorkflowType } from '../identities/identity.type.ts';
import { type WorkflowView, workflowOf } from '../identities/workflow-link.ts';
import { CaseConnection, CaseFilter, CaseType } from './case.type.ts';

type Counted = Connection<Case> & { readonly wanted: CaseSelection };

@Resolver(() => CaseType)
@Allow(...readers)
export class CaseResolver {
  constructor(
    @Inject(storeToken) private readonly store: Store,
    @Inject(dependenciesToken) private readonly dependencies: ApiDependencies,
  ) {}

  @Query(() => CaseConnection, { description: 'Questions that wait for a person, and those that are answered; the newest first.' })
  async cases(
    @Args('filter', { type: () => CaseFilter, nullable: true }) filter: CaseFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25 }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
  ): Promise<Counted> {
    const size = pageSize(first);
    const { status, kind, identityId, ownerId } = filter ?? {};
    const wanted = {
      ...(status == null ? {} : { status }),
      ...(kind == null ? {} : { kind: kind as CaseKind }),
      ...(identityId == null ? {} : { identityId: checkedId(identityId) }),
      ...(ownerId == null ? {} : { ownerId: checkedId(ownerId) }),
    };
    const found = await this.store.read((tx) => tx.cases.page(wanted, size + 1, eventBefore(after)));
    return { ...connectionOf(found, size, after, ({ openedAt, id }) => [openedAt, id]), wanted };
  }

  @Query(() => CaseType, { name: 'case', nullable: true })
  caseById(@Args('id', { type: () => ID }) id: string): Promise<Case | null> {
    return this.store.read((tx) => tx.cases.get(checkedId(id)));
  }

  @ResolveField(() => IdentityType, { nullable: true })
  async identity(@Parent() { identityId }: Case, @Context() context: GraphqlContext): Promise<StoredIdentity | null> {
    return identityId === null ? null : context.loaders.identity.load(identityId);
  }

  @ResolveField(() => WorkflowType, { nullable: true, description: 'The life that it belongs to.' })
  workflow(@Parent() { identityId }: Case): WorkflowView | null {
    return identityId === null ? null : workflowOf(this.dependencies, identityId);
  }
}

@Resolver(() => CaseConnection)
@Allow(...readers)
export class CaseConnectionResolver {
  constructor(@Inject(storeToken) private readonly store: Store) {}

  @ResolveField(() => Int)
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.store.read((tx) => tx.cases.count(wanted));
  }
}
