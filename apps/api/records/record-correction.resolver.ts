import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { correctRecord, type JudgedRecord, withdrawRecord } from '@tenure/engine/intake';
import { withinUrgentEnds } from '@tenure/engine/leavers';
import { InputInvalid, NotFound } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { endingCaller } from '../leavers/ending-caller.ts';
import { checkedReason } from '../operations/judge-operation.ts';
import { CorrectRecordInput } from './record-correction.type.ts';
import { RecordType } from './record.type.ts';
import { checkContent, isVersion } from './take-records.ts';

@Resolver(() => RecordType)
export class RecordCorrectionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => RecordType, {
    description:
      'Corrects one source record where its source cannot: wrong content, or a version so high that no later one could follow (newVersion). The same version from the source is then known; a version later than that of the record takes precedence again. For people with rights in Tenure: administrators only. Refused with INPUT_INVALID when the record has changed since it was read.',
  })
  @Allow('admin', 'operator')
  correctRecord(@Args('input', { type: () => CorrectRecordInput }) input: CorrectRecordInput, @Context() context: GraphqlContext): Promise<StoredRecord> {
    const { newVersion = null, status = null } = input;
    if (newVersion !== null && !isVersion(newVersion)) throw new InputInvalid('input.newVersion must be digits only, at most 30');
    const { loop, configuration } = this.dependencies;
    return this.act(context, { ...input, recordId: checkedId('input.recordId', input.recordId) }, async (tx, judged) => {
      const source = (await tx.records.get(judged.recordId))?.source;
      if (source === undefined) throw new NotFound(`there is no record ${judged.recordId}`, { recordId: judged.recordId });
      const checked = checkContent({ status, endedAt: input.endedAt ?? null, attributes: input.attributes ?? {} }, configuration, source);
      if ('problems' in checked) throw new InputInvalid(`input: ${checked.problems.join('; ')}`);
      const { facts, end } = checked;
      return correctRecord(tx, loop, judged, { facts, status, end: { endedAt: end.endedAt, endedOn: end.endedOn ?? null }, version: newVersion });
    });
  }

  @Mutation(() => RecordType, {
    description:
      'Withdraws one source record: its relationship ends, and its facts no longer count. Different content from the source under the same externalId is accepted, in any version. For people with rights in Tenure: administrators only. Refused with INPUT_INVALID when the record has changed since it was read.',
  })
  @Allow('admin', 'operator')
  withdrawRecord(
    @Args('id', { type: () => ID }) recordId: string,
    @Args('version', { type: () => String, description: 'Version of the record as you have read it.' }) version: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<StoredRecord> {
    return this.act(context, { recordId: checkedId('id', recordId), version, reason }, (tx, judged) => withdrawRecord(tx, this.dependencies.loop, judged));
  }

  private act(
    context: GraphqlContext,
    { recordId, version, reason }: Pick<JudgedRecord, 'recordId' | 'version' | 'reason'>,
    work: (tx: Transaction, judged: JudgedRecord) => Promise<StoredRecord>,
  ): Promise<StoredRecord> {
    const { store, clock, loop } = this.dependencies;
    const caller = callerOf(context);
    const by = { id: caller.personId ?? caller.id, isAdmin: caller.roles.has('admin') };
    const judged = { recordId: recordId, version, reason: checkedReason(reason), by };
    return store.transaction(actOf(context, clock()), async (tx) => {
      const identityId = (await tx.records.get(judged.recordId))?.identityId ?? null;
      return withinUrgentEnds(tx, loop, await endingCaller(tx, caller), identityId, () => work(tx, judged));
    });
  }
}
