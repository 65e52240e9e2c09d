import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { BatchChange } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { named } from '../audit/load-names.ts';
import { BatchChangeType } from './batch-change.type.ts';
import { BatchUndo } from './batch-undo.type.ts';

/** Relation between a batch change and its undo: visible to everybody who may read the batch change. */
@Resolver(() => BatchChangeType)
export class BatchUndoResolver {
  @ResolveField(() => BatchUndo, { nullable: true, description: 'Undo that this batch change carries out; null: it undoes no other.' })
  @Allow(...readers, 'self')
  async undoes(@Parent() { origin }: BatchChange, @Context() { loaders }: GraphqlContext): Promise<BatchUndo | null> {
    if (origin?.kind !== 'undo') return null;
    const { batchId, requestedBy, reason, kept } = origin;
    const access = { accessUntil: kept?.until ?? null, accessOwnerId: kept?.ownerId ?? null };
    return { batchChangeId: batchId, requestedBy: await named(requestedBy, loaders), reason, ...access };
  }

  @ResolveField(() => [BatchChangeType], { description: 'Batch changes that undo this one, discarded ones included, the oldest first.' })
  @Allow(...readers, 'self')
  undoneBy(@Parent() { id }: BatchChange, @Context() { loaders }: GraphqlContext): Promise<readonly BatchChange[]> {
    return loaders.batchUndoes.load(id);
  }
}
