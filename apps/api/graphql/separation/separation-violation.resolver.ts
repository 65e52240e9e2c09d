import { Inject } from '@nestjs/common';
import { Args, Context, Int, Query, Resolver } from '@nestjs/graphql';
import type { InboxFilter } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { connectionOf, eventBefore, pageSize } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { mustBeSeparationRule } from '@tenure/engine/separation';
import { SeparationViolationConnection, type SeparationViolationType } from './separation-violation.type.ts';
import { type CaseView, viewCases } from '../cases/view-cases.ts';

@Resolver()
@Allow(...readers)
export class SeparationViolationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => SeparationViolationConnection, {
    description:
      'Violations of separation-of-duties rules by all people, the newest first: by rules that only detect, or by grants that were observed in a target. For administrators, operators and auditors.',
  })
  async separationViolations(
    @Args('rule', {
      type: () => String,
      nullable: true,
      description: 'Name of the separation-of-duties rule. An unknown rule is refused with INPUT_INVALID. Absent: any.',
    })
    rule: string | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
    @Context() context: GraphqlContext,
  ): Promise<SeparationViolationConnection> {
    const { store, engine, clock } = this.dependencies;
    const size = pageSize(first);
    const before = eventBefore(after);
    const wanted: InboxFilter = { status: 'open', kinds: ['separation-violation'], ...(rule == null ? {} : { rule }) };
    const { found, counts } = await store.read(async (tx) => {
      if (rule != null) await mustBeSeparationRule(tx, engine, rule);
      return {
        found: await tx.inbox.page(wanted, size + 1, before),
        counts: await tx.inbox.counts(wanted, clock()),
      };
    });
    const violations = (await viewCases(found, context, clock())).map(violationOf);
    return { ...connectionOf(violations, size, after, (one) => [one.since, one.case.id]), totalCount: counts.reduce((sum, { count }) => sum + count, 0) };
  }
}

function violationOf(view: CaseView): SeparationViolationType {
  const { rule = '', names = [], found = [] } = view.kind === 'separation-violation' ? view.evidence : {};
  return { rule, names, observed: found, identityId: view.identityId ?? '', since: view.openedAt, case: view };
}
