import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { Forbidden } from '@tenure/domain';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { RecordFactsInput, RecordFactsResult } from './record-facts.type.ts';
import { recordFacts } from '@tenure/engine/intake';

const troubling = ['invalid', 'refused', 'ambiguous', 'conflict', 'held', 'failed'];

@Resolver()
export class RecordFactsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => RecordFactsResult, {
    description: 'Records what a source states about people: hires, changes, ends. The same batch again changes nothing. For tokens of the source.',
  })
  @Allow('source')
  async recordFacts(
    @Args('input', { type: () => RecordFactsInput, description: 'Batch of records.' }) { source, records, importId }: RecordFactsInput,
    @Context() context: GraphqlContext,
  ): Promise<RecordFactsResult> {
    if (!callerOf(context).sources.has(source)) throw new Forbidden(`this token may not record facts of source "${source}"`, { source });
    const results = await recordFacts(
      this.dependencies,
      source,
      records,
      actOf(context, this.dependencies.clock()),
      importId == null ? null : checkedId('input.importId', importId),
    );
    return { results, problems: results.filter(({ outcome }) => troubling.includes(outcome)).length };
  }
}
