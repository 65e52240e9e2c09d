import { isDeepStrictEqual } from 'node:util';
import { Inject } from '@nestjs/common';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import { NotFound } from '@tenure/domain';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { followed } from '../../server/subscriptions/followed.ts';
import { CaseConnection, CaseFilter, CaseType } from './case.type.ts';
import { pageOfCases, type PageOfCases, visibleCase } from './read-cases.ts';
import type { CaseView } from './view-cases.ts';

/** Maximum number of cases that are sent at once when an inbox changes. */
const told = 25;

@Resolver()
@Allow(...readers, 'self')
export class CaseChangedResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Subscription(() => CaseType, {
    name: 'caseChanged',
    resolve: (found: CaseView) => found,
    description: 'The case now, and again after every change, as long as you may see it. For the same callers as the query case.',
  })
  caseChanged(@Args('id', { type: () => ID, description: 'Id of the case.' }) id: string, @Context() context: GraphqlContext): AsyncIterableIterator<CaseView> {
    return followed(this.dependencies, context, {
      key: checkedId('id', id),
      question: `case ${id}`,
      look: async (asked): Promise<CaseView> => {
        const found = await visibleCase(this.dependencies, asked, id);
        if (found === null) throw new NotFound(`there is no case ${id}`, { caseId: id });
        return found;
      },
      isSame: isDeepStrictEqual,
    });
  }

  @Subscription(() => CaseConnection, {
    name: 'inboxChanged',
    resolve: (page: PageOfCases) => page,
    description: 'The newest 25 cases of a filter and the counts of all of them, now and again after every change. For the same callers as the query cases.',
  })
  inboxChanged(
    @Args('filter', { type: () => CaseFilter, nullable: true, description: 'Conditions. Absent: all cases.' }) filter: CaseFilter | null,
    @Context() context: GraphqlContext,
  ): AsyncIterableIterator<PageOfCases> {
    return followed(this.dependencies, context, {
      key: 'inbox',
      question: `inbox ${JSON.stringify(filter)}`,
      look: (asked): Promise<PageOfCases> => pageOfCases(this.dependencies, asked, { filter, first: told, after: null }),
      isSame: isDeepStrictEqual,
    });
  }
}
