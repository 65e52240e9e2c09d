import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { waitingIn } from '@tenure/engine/leavers';
import type { StoredIdentity, StoredRecord } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import { IdentityType, WorkflowType } from '../identities/identity.type.ts';
import { type WorkflowView, workflowOf } from '../identities/workflow-link.ts';
import { RecordType } from '../records/record.type.ts';
import { CaseConnection, CaseFilter, CaseType } from './case.type.ts';
import { pageOfCases, type PageOfCases, visibleCase } from './read-cases.ts';
import type { CaseView } from './view-cases.ts';

@Resolver(() => CaseType)
@Allow(...readers)
export class CaseResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => CaseConnection, {
    description:
      'Questions that wait for a person, and those that are answered; the newest first. Whoever may not read everything sees what is theirs to answer.',
  })
  @Allow(...readers, 'self')
  cases(
    @Args('filter', { type: () => CaseFilter, nullable: true }) filter: CaseFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25 }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Context() context: GraphqlContext,
  ): Promise<PageOfCases> {
    return pageOfCases(this.dependencies, context, { filter, first, after });
  }

  @Query(() => CaseType, { name: 'case', nullable: true, description: 'For readers, and for those whose it is to answer.' })
  @Allow(...readers, 'self')
  caseById(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<CaseView | null> {
    return visibleCase(this.dependencies, context, checkedId('id', id));
  }

  @ResolveField(() => IdentityType, { nullable: true })
  async identity(@Parent() { identityId }: CaseView, @Context() context: GraphqlContext): Promise<StoredIdentity | null> {
    return identityId === null ? null : context.loaders.identity.load(identityId);
  }

  @ResolveField(() => RecordType, { nullable: true, description: 'Of an ambiguous record: what its source says.' })
  async record(@Parent() { evidence }: CaseView, @Context() { loaders }: GraphqlContext): Promise<StoredRecord | null> {
    const recordId = 'recordId' in evidence ? evidence.recordId : undefined;
    return recordId !== undefined ? loaders.record.load(recordId) : null;
  }

  @ResolveField(() => [IdentityType], { description: 'Of an ambiguous record: whom it matched.' })
  async candidates(@Parent() found: CaseView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredIdentity[]> {
    const { candidates: ids = [] } = found.kind === 'ambiguous-record' ? found.evidence : {};
    return (await Promise.all(ids.map((id) => loaders.identity.load(id)))).filter((one) => one !== null);
  }

  @ResolveField(() => [IdentityType], { description: 'People whose termination waits for approval (kind URGENT_ENDS); empty for other kinds.' })
  async people(@Parent() found: CaseView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredIdentity[]> {
    if (found.kind !== 'urgent-ends') return [];
    return (await Promise.all(waitingIn(found).map((id) => loaders.identity.load(id)))).filter((one) => one !== null);
  }

  @ResolveField(() => WorkflowType, { nullable: true, description: 'The life that it belongs to.' })
  workflow(@Parent() { identityId }: CaseView): WorkflowView | null {
    return identityId === null ? null : workflowOf(this.dependencies, identityId);
  }
}
