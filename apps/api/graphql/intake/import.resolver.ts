import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { beginImport, type FinishedImport as Finished, finishOwnImport } from '@tenure/engine/intake';
import { Forbidden, mustExist } from '@tenure/domain';
import type { BatchTally as Tally, Import } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { BatchTally } from '../batches/batch-item.type.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { FeedProofInput, FinishedImport, ImportType } from './import.type.ts';

@Resolver(() => ImportType)
export class ImportResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => ImportType, {
    nullable: true,
    name: 'import',
    description: 'Import by id; null: there is none, or it is of another source. For its source, and for administrators, operators and auditors.',
  })
  @Allow(...readers, 'source')
  async importById(@Args('id', { type: () => ID, description: 'Id of the import.' }) id: string, @Context() context: GraphqlContext): Promise<Import | null> {
    const { roles, sources } = callerOf(context);
    const found = await this.dependencies.store.read((tx) => tx.imports.get(checkedId('id', id)));
    return found !== null && (sources.has(found.source) || readers.some((role) => roles.has(role))) ? found : null;
  }

  @ResolveField(() => BatchTally, { description: 'Number of records by result, without records that were recorded already.' })
  @Allow(...readers, 'source')
  tally(@Parent() { id }: Import, @Context() { loaders }: GraphqlContext): Promise<Tally> {
    return loaders.batchTally.load(id);
  }

  @Mutation(() => ImportType, {
    description:
      'Starts an import: its batches (recordFacts with importId) are checked against the change budget as one. An unfinished import of the source is dropped. For tokens of the source.',
  })
  @Allow('source')
  async startImport(
    @Args('source', { type: () => String, description: 'Name of the source.' }) source: string,
    @Context() context: GraphqlContext,
  ): Promise<Import> {
    const { store, clock, configuration } = this.dependencies;
    if (!callerOf(context).sources.has(source)) throw new Forbidden(`this token may not record facts of source "${source}"`, { source });
    mustExist('source', 'source', source, Object.keys(configuration.sources));
    return store.transaction(actOf(context, clock()), (tx) => beginImport(tx, source));
  }

  @Mutation(() => FinishedImport, {
    description:
      'Finishes an import: its records are checked against the change budget as one, then carried out by the worker. With proof of completeness, everybody who is missing in it is terminated. For tokens of the source.',
  })
  @Allow('source')
  async finishImport(
    @Args('id', { type: () => ID, description: 'Id of the import.' }) id: string,
    @Args('complete', {
      type: () => FeedProofInput,
      nullable: true,
      description: 'Proof that the import is complete. Absent: nobody is terminated for missing in it.',
    })
    proof: FeedProofInput | null,
    @Context() context: GraphqlContext,
  ): Promise<Finished> {
    const { store, clock, configuration } = this.dependencies;
    const importId = checkedId('id', id);
    const { sources } = callerOf(context);
    return store.transaction(actOf(context, clock()), (tx) => finishOwnImport(tx, configuration, { importId, sources, proof: proof ?? null }));
  }
}
