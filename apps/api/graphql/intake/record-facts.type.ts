import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { RecordOutcomeEnum, RecordStatusEnum } from '../enums.ts';
import { JsonScalar } from '../scalars.ts';

@InputType({ description: 'Record of a source about one person: its whole content, not only changes.' })
export class RecordInput {
  @Field(() => String, {
    description: 'Id of the person in the source (SCIM externalId): immutable and never reassigned. Stored in NFC, without surrounding spaces.',
  })
  externalId!: string;
  @Field(() => String, {
    description:
      'Version of the record, a counter of the source, digits only. The same version again changes nothing, and is a CONFLICT with other content; an older version is ignored.',
  })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'Status of the relationship. Absent: unchanged.' })
  status!: 'active' | 'ended' | null;
  @Field(() => String, {
    nullable: true,
    description:
      'End of the relationship, with ENDED: an instant (RFC 3339), or the last day (YYYY-MM-DD) in the time zone of the person. May be in the future. Absent: now, or unchanged if it had ended already.',
  })
  endedAt!: string | null;
  @Field(() => JsonScalar, {
    description:
      'Configured attributes by name. A missing attribute: no statement; null: the person has none. With ENDED, a missing attribute keeps its last value.',
  })
  attributes!: unknown;
}

@InputType({ description: 'Batch of source records.' })
export class RecordFactsInput {
  @Field(() => String, { description: "Name of a source in tenure.yaml that the caller's token is for." })
  source!: string;
  @Field(() => ID, { nullable: true, description: 'Id of an import (startImport): no record is in force before finishImport. Absent: the batch stands alone.' })
  importId?: string | null;
  @Field(() => [RecordInput], { description: 'Records, at most 500.' })
  records!: readonly RecordInput[];
}

@ObjectType({ description: 'Result of one record. Records are independent: the others of the batch go on.' })
export class RecordResult {
  @Field(() => String, { description: 'Id of the person in the source.' })
  externalId!: string;
  @Field(() => String, { description: 'Version of the record.' })
  version!: string;
  @Field(() => RecordOutcomeEnum, { description: 'Outcome of the record.' })
  outcome!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person; null: the record belongs to no person yet.' })
  identityId!: string | null;
  @Field(() => ID, {
    name: 'batchChangeId',
    nullable: true,
    description: 'Id of the batch change that waits for approval; null: the outcome is not WAITS_FOR_APPROVAL.',
  })
  batchId!: string | null;
  @Field(() => String, { description: 'Explanation of the outcome, a sentence.' })
  message!: string;
}

@ObjectType({ description: 'Results of recordFacts. On the error DATABASE_UNAVAILABLE instead: send the same records in the same versions again.' })
export class RecordFactsResult {
  @Field(() => [RecordResult], { description: 'Results in the order of the records.' })
  results!: readonly RecordResult[];
  @Field(() => Int, { description: 'Number of records that are invalid, refused, ambiguous, in conflict, waiting for approval, or failed.' })
  problems!: number;
}
