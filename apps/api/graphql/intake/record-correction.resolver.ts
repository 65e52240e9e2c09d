import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Resolver } from '@nestjs/graphql';
import { correctRecordAs, isVersion, type RecordToDecide, withdrawRecordAs } from '@tenure/engine/intake';
import { InputInvalid, checkedReason } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { CorrectRecordInput } from './record-correction.type.ts';
import { RecordType } from './record.type.ts';

@Resolver(() => RecordType)
export class RecordCorrectionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => RecordType, {
    description:
      'Corrects one source record where its source cannot: wrong content, or a version so high that no later one could follow (newVersion). The same version from the source is then known; a version later than that of the record takes precedence again. Refused with INPUT_INVALID if the record has changed since it was read. For administrators and operators; for records of people with rights in Tenure, administrators only.',
  })
  @Allow('admin', 'operator')
  correctRecord(
    @Args('input', { type: () => CorrectRecordInput, description: 'Correction.' }) input: CorrectRecordInput,
    @Context() context: GraphqlContext,
  ): Promise<StoredRecord> {
    const { newVersion = null, status = null } = input;
    if (newVersion !== null && !isVersion(newVersion)) throw new InputInvalid('input.newVersion must be digits only, at most 30');
    const content = { status, endedAt: input.endedAt ?? null, attributes: input.attributes ?? {}, newVersion };
    return this.act(context, { ...input, recordId: checkedId('input.recordId', input.recordId) }, (tx, decided) =>
      correctRecordAs(tx, this.dependencies.engine, callerOf(context), decided, content),
    );
  }

  @Mutation(() => RecordType, {
    description:
      'Withdraws one source record: its relationship ends, and its facts no longer count. Different content from the source under the same externalId is accepted, in any version. Refused with INPUT_INVALID if the record has changed since it was read. For administrators and operators; for records of people with rights in Tenure, administrators only.',
  })
  @Allow('admin', 'operator')
  withdrawRecord(
    @Args('id', { type: () => ID, description: 'Id of the record.' }) recordId: string,
    @Args('version', { type: () => String, description: described.recordVersion }) version: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<StoredRecord> {
    return this.act(context, { recordId: checkedId('id', recordId), version, reason }, (tx, decided) =>
      withdrawRecordAs(tx, this.dependencies.engine, callerOf(context), decided),
    );
  }

  private act(
    context: GraphqlContext,
    { recordId, version, reason }: RecordToDecide,
    work: (tx: Transaction, decided: RecordToDecide) => Promise<StoredRecord>,
  ): Promise<StoredRecord> {
    const { store, clock } = this.dependencies;
    const decided = { recordId, version, reason: checkedReason(reason) };
    return store.transaction(actOf(context, clock()), (tx) => work(tx, decided));
  }
}
