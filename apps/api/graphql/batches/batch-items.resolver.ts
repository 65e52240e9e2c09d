import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { BATCH_ITEM_RESULTS, type BatchItemResult } from '@tenure/domain';
import type { BatchItem, BatchTally as Tally, BatchChange } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { type Connection, connectionOf, pageSize, textAfter } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { BatchItemResultEnum } from '../enums.ts';
import { BatchChangeType } from './batch-change.type.ts';
import { BatchItemConnection, BatchTally } from './batch-item.type.ts';

/** Items of a batch change: visible to everybody who may read the batch change. */
@Resolver(() => BatchChangeType)
export class BatchItemsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => BatchTally, { description: 'Number of items of this batch change by result, without those of its parts.' })
  @Allow(...readers, 'self')
  tally(@Parent() { id }: BatchChange, @Context() { loaders }: GraphqlContext): Promise<Tally> {
    return loaders.batchTally.load(id);
  }

  @ResolveField(() => [BatchChangeType], { description: 'Batch changes that were approved as parts of this one, the oldest first.' })
  @Allow(...readers, 'self')
  parts(@Parent() { id }: BatchChange, @Context() { loaders }: GraphqlContext): Promise<readonly BatchChange[]> {
    return loaders.batchParts.load(id);
  }

  @ResolveField(() => BatchItemConnection, { description: 'Items of this batch change, without those of its parts, in the order of their ids.' })
  @Allow(...readers, 'self')
  async items(
    @Parent() { id }: BatchChange,
    @Args('results', { type: () => [BatchItemResultEnum], nullable: true, description: 'Results to include. Absent: all items.' })
    results: readonly BatchItemResult[] | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Connection<BatchItem>> {
    const size = pageSize(first);
    const found = await this.dependencies.store.read((tx) => tx.batchItems.page(id, results ?? BATCH_ITEM_RESULTS, size + 1, textAfter(after)));
    const items = found.map((item) => ({ ...item, externalId: item.source === null ? null : item.key }));
    return connectionOf(items, size, after, ({ key }) => [key]);
  }
}
