import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { waitingIn } from '@tenure/engine/leavers';
import type { StoredIdentity, StoredRecord } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { IdentityType, WorkflowType } from '../identities/identity.type.ts';
import { type WorkflowView, workflowOf } from '../identities/workflow-link.ts';
import { RecordType } from '../intake/record.type.ts';
import { CaseConnection, CaseFilter, CaseType } from './case.type.ts';
import { pageOfCases, type PageOfCases, visibleCase } from './read-cases.ts';
import type { CaseView } from './view-cases.ts';

@Resolver(() => CaseType)
@Allow(...readers)
export class CaseResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => CaseConnection, {
    description: 'Cases, the newest first. Administrators, operators and auditors see all; everybody else those that they may answer.',
  })
  @Allow(...readers, 'self')
  cases(
    @Args('filter', { type: () => CaseFilter, nullable: true, description: 'Conditions. Absent: all cases.' }) filter: CaseFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
    @Context() context: GraphqlContext,
  ): Promise<PageOfCases> {
    return pageOfCases(this.dependencies, context, { filter, first, after });
  }

  @Query(() => CaseType, {
    name: 'case',
    nullable: true,
    description: 'Case by id; null: none has this id. For administrators, operators and auditors, and for the people who may answer it.',
  })
  @Allow(...readers, 'self')
  caseById(@Args('id', { type: () => ID, description: 'Id of the case.' }) id: string, @Context() context: GraphqlContext): Promise<CaseView | null> {
    return visibleCase(this.dependencies, context, checkedId('id', id));
  }

  @ResolveField(() => IdentityType, {
    nullable: true,
    description: 'Person whom the case is about; null: no person. For administrators, operators and auditors.',
  })
  async identity(@Parent() { identityId }: CaseView, @Context() context: GraphqlContext): Promise<StoredIdentity | null> {
    return identityId === null ? null : context.loaders.identity.load(identityId);
  }

  @ResolveField(() => RecordType, {
    nullable: true,
    description: 'Record that the case is about; null: it is about no record. For administrators, operators and auditors.',
  })
  async record(@Parent() { evidence }: CaseView, @Context() { loaders }: GraphqlContext): Promise<StoredRecord | null> {
    const recordId = 'recordId' in evidence ? evidence.recordId : undefined;
    return recordId !== undefined ? loaders.record.load(recordId) : null;
  }

  @ResolveField(() => [IdentityType], {
    description: 'People whom the record matches (kind AMBIGUOUS_RECORD); empty for other kinds. For administrators, operators and auditors.',
  })
  async candidates(@Parent() found: CaseView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredIdentity[]> {
    const { candidates: ids = [] } = found.kind === 'ambiguous-record' ? found.evidence : {};
    return (await Promise.all(ids.map((id) => loaders.identity.load(id)))).filter((one) => one !== null);
  }

  @ResolveField(() => [IdentityType], {
    description: 'People whose termination waits for approval (kind URGENT_ENDS); empty for other kinds. For administrators, operators and auditors.',
  })
  async people(@Parent() found: CaseView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredIdentity[]> {
    if (found.kind !== 'urgent-ends') return [];
    return (await Promise.all(waitingIn(found).map((id) => loaders.identity.load(id)))).filter((one) => one !== null);
  }

  @ResolveField(() => WorkflowType, {
    nullable: true,
    description: 'Identity lifecycle workflow of the person; null: the case is about no person. For administrators, operators and auditors.',
  })
  workflow(@Parent() { identityId }: CaseView): WorkflowView | null {
    return identityId === null ? null : workflowOf(this.dependencies, identityId);
  }
}
