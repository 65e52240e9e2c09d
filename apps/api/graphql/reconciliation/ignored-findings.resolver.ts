import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { checkedReason, type FindingKind, InputInvalid, mustExist } from '@tenure/domain';
import { ignoreFindings, type IgnoredScope, stopIgnoringFindings } from '@tenure/engine/corrections';
import type { IgnoredFindings } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { described } from '../described.ts';
import { IgnoredFindingsConnection, IgnoredFindingsFilter, IgnoredFindingsType, IgnoreFindingsInput } from './ignored-findings.type.ts';

@Resolver(() => IgnoredFindingsType)
@Allow(...readers)
export class IgnoredFindingsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => IgnoredFindingsConnection, {
    description: 'Findings that are or were ignored until a date, the newest first. For administrators, operators and auditors.',
  })
  async ignoredFindings(
    @Args('filter', { type: () => IgnoredFindingsFilter, nullable: true, description: 'Conditions. Absent: all.' }) filter: IgnoredFindingsFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Connection<IgnoredFindings>> {
    const size = pageSize(first);
    const { target, isActive } = filter ?? {};
    const wanted = { ...(target == null ? {} : { target }), ...(isActive == null ? {} : { isActive }) };
    const found = await this.dependencies.store.read(async (tx) => {
      const rows = await tx.ignoredFindings.page(wanted, size + 1, eventBefore(after));
      // There may be some of a target that is no longer in tenure.yaml.
      if (rows.length === 0 && target != null && (await tx.ignoredFindings.page({ target }, 1, null)).length === 0)
        mustExist('filter.target', 'target', target, Object.keys(this.dependencies.configuration.targets));
      return rows;
    });
    return connectionOf(found, size, after, ({ createdAt, id }) => [createdAt, id]);
  }

  @Mutation(() => IgnoredFindingsType, {
    description:
      'Ignores findings until a date: they open no case, are not corrected, and come back by themselves. A single one is no longer ignored once it is closed. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  ignoreFindings(
    @Args('input', { type: () => IgnoreFindingsInput, description: 'Findings to ignore, until when and why.' }) input: IgnoreFindingsInput,
    @Context() context: GraphqlContext,
  ): Promise<IgnoredFindings> {
    const { store, engine, clock } = this.dependencies;
    const { kind, id } = callerOf(context);
    const ownerId = input.ownerId == null ? (kind === 'person' ? id : null) : checkedId('input.ownerId', input.ownerId);
    const wish = { until: input.until, reason: checkedReason(input.reason, 'input.reason'), ownerId };
    const scope = this.scopeOf(input);
    return store.transaction(actOf(context, clock()), (tx) => ignoreFindings(tx, engine, scope, wish));
  }

  @Mutation(() => IgnoredFindingsType, {
    description: 'Stops ignoring findings before the date: they count again at once. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  stopIgnoringFindings(
    @Args('id', { type: () => ID, description: 'Id of the ignored findings.' }) id: string,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the ignored findings.' }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<IgnoredFindings> {
    const { store, engine, clock } = this.dependencies;
    const wanted = { id: checkedId('id', id), reason: checkedReason(reason) };
    return store.transaction(actOf(context, clock()), (tx) => stopIgnoringFindings(tx, engine, wanted.id, wanted.reason));
  }

  private scopeOf({ findingId, target, kind, name }: IgnoreFindingsInput): IgnoredScope {
    if (findingId != null && target == null && kind == null && name == null) return { findingId: checkedId('input.findingId', findingId) };
    if (findingId != null || target == null || kind == null) throw new InputInvalid('Provide either input.findingId, or input.target and input.kind.');
    mustExist('input.target', 'target', target, Object.keys(this.dependencies.configuration.targets));
    return { target, kind: kind as FindingKind, name: name ?? null };
  }
}
