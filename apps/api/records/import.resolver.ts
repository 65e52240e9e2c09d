import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { beginImport, type FinishedImport as Finished, finishOwnImport } from '@tenure/engine/intake';
import { Forbidden, mustExist } from '@tenure/domain';
import type { BatchTally as Tally, Import } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { BatchTally } from '../batches/batch-item.type.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { FeedProofInput, FinishedImport, ImportType } from './import.type.ts';

@Resolver(() => ImportType)
export class ImportResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => ImportType, { nullable: true, name: 'import', description: 'How far an import is, for its source and for those who read everything.' })
  @Allow(...readers, 'source')
  async importById(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<Import | null> {
    const { roles, sources } = callerOf(context);
    const found = await this.dependencies.store.read((tx) => tx.imports.get(checkedId('id', id)));
    return found !== null && (sources.has(found.source) || readers.some((role) => roles.has(role))) ? found : null;
  }

  @ResolveField(() => BatchTally, { description: 'Its records by result. Records that were known already are not among them.' })
  @Allow(...readers, 'source')
  tally(@Parent() { id }: Import, @Context() { loaders }: GraphqlContext): Promise<Tally> {
    return loaders.batchTally.load(id);
  }

  @Mutation(() => ImportType, {
    description: 'Begins an import: its batches (recordFacts with importId) are judged as one. One that the source has not finished is forgotten.',
  })
  @Allow('source')
  async startImport(@Args('source', { type: () => String }) source: string, @Context() context: GraphqlContext): Promise<Import> {
    const { store, clock, configuration } = this.dependencies;
    if (!callerOf(context).sources.has(source)) throw new Forbidden(`this token may not record facts of source "${source}"`, { source });
    mustExist('source', 'source', source, Object.keys(configuration.sources));
    return store.transaction(actOf(context, clock()), (tx) => beginImport(tx, source));
  }

  @Mutation(() => FinishedImport, {
    description:
      'No more batches come: all of it is judged as one, then carried out by the worker. With proof that it was complete, the time of everybody whom it does not name ends; without, nobody ends for want of being named.',
  })
  @Allow('source')
  async finishImport(
    @Args('id', { type: () => ID }) id: string,
    @Args('complete', { type: () => FeedProofInput, nullable: true }) proof: FeedProofInput | null,
    @Context() context: GraphqlContext,
  ): Promise<Finished> {
    const { store, clock, configuration } = this.dependencies;
    const importId = checkedId('id', id);
    const { sources } = callerOf(context);
    return store.transaction(actOf(context, clock()), (tx) => finishOwnImport(tx, configuration, { importId, sources, proof: proof ?? null }));
  }
}
