import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type FindingKind, mustExist } from '@tenure/domain';
import type { Finding, FindingFilter, StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { named } from '../audit/load-names.ts';
import { described } from '../described.ts';
import { FindingAdoptionType } from './finding-adoption.type.ts';
import { FindingConnection, FindingFilterInput, FindingType } from './finding.type.ts';

type Counted = Connection<Finding> & { readonly wanted: FindingFilter };

@Resolver(() => FindingConnection)
@Allow(...readers)
export class FindingsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => FindingConnection, { description: 'Findings of reconciliation runs, the newest first. For administrators, operators and auditors.' })
  async findings(
    @Args('filter', { type: () => FindingFilterInput, nullable: true, description: 'Conditions. Absent: all findings.' }) filter: FindingFilterInput | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Counted> {
    const size = pageSize(first);
    const wanted = wantedFindings(filter ?? {});
    const found = await this.dependencies.store.read(async (tx) => {
      const rows = await tx.findings.page(wanted, size + 1, eventBefore(after));
      // There may be findings of a target that is no longer in tenure.yaml.
      if (rows.length === 0 && wanted.target !== undefined && (await tx.findings.count({ target: wanted.target })) === 0)
        mustExist('filter.target', 'target', wanted.target, Object.keys(this.dependencies.configuration.targets));
      return rows;
    });
    return { ...connectionOf(found, size, after, ({ firstSeenAt, id }) => [firstSeenAt, id]), wanted };
  }

  @ResolveField(() => Int, { description: 'Number of findings on all pages.' })
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.dependencies.store.read((tx) => tx.findings.count(wanted));
  }
}

@Resolver(() => FindingType)
@Allow(...readers)
export class FindingResolver {
  @ResolveField(() => String, { nullable: true, description: 'Name of the group, attribute or SoD rule; null: the account as a whole.' })
  name(@Parent() { name }: Finding): string | null {
    return name === '' ? null : name;
  }

  @ResolveField(() => IdentityType, {
    nullable: true,
    description: 'Person whose account it is, whose mark it bears, or who is proposed as its owner; null: nobody is known.',
  })
  async identity(@Parent() { identityId }: Finding, @Context() { loaders }: GraphqlContext): Promise<StoredIdentity | null> {
    return identityId === null ? null : loaders.identity.load(identityId);
  }

  @ResolveField(() => FindingAdoptionType, { nullable: true, description: 'Last requested adoption of the account (adoptAccount); null: none was requested.' })
  async adoption(@Parent() { adoption }: Finding, @Context() { loaders }: GraphqlContext): Promise<FindingAdoptionType | null> {
    if (adoption === null) return null;
    const { state, identityId, requestedBy, requestedAt, code, message, settledAt } = adoption;
    return { status: state, identityId, requestedBy: await named(requestedBy, loaders), requestedAt, code, message, settledAt };
  }
}

function wantedFindings({ target, kind, identityId, status, batchId }: FindingFilterInput): FindingFilter {
  return {
    ...(target == null ? {} : { target }),
    ...(kind == null ? {} : { kind: kind as FindingKind }),
    ...(identityId == null ? {} : { identityId: checkedId('filter.identityId', identityId) }),
    ...(status == null ? {} : { status: status as 'open' | 'closed' }),
    ...(batchId == null ? {} : { batchId: checkedId('filter.batchId', batchId) }),
  };
}
