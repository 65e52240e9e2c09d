import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { RecordOutcomeEnum, RecordStatusEnum } from '../graphql/enums.ts';
import { JsonScalar } from '../graphql/scalars.ts';

@InputType({ description: 'What a source says of one person now: all of it, not only what changed.' })
export class RecordInput {
  @Field(() => String, {
    description: "The source's own id for the person (SCIM externalId): immutable and never reassigned. Stored in NFC, without surrounding spaces.",
  })
  externalId!: string;
  @Field(() => String, {
    description: "The source's counter, digits only. The same version again changes nothing, with other content it is a CONFLICT; an older one is left aside.",
  })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'Absent: as it was said last.' })
  status!: 'active' | 'ended' | null;
  @Field(() => String, {
    nullable: true,
    description:
      'With ENDED: an instant (RFC 3339), or a day (YYYY-MM-DD) that is the last one. It may lie ahead. Absent: now, or when they had ended already.',
  })
  endedAt!: string | null;
  @Field(() => JsonScalar, {
    description:
      'Configured attributes by name. Left out: no statement; null: the person has none. With ENDED, an attribute that is left out keeps its last value.',
  })
  attributes!: unknown;
}

@InputType()
export class RecordFactsInput {
  @Field(() => String, { description: "A source of tenure.yaml for which the caller's token was made." })
  source!: string;
  @Field(() => ID, { nullable: true, description: 'Of startImport: nothing is in force until all of it was judged (finishImport).' })
  importId?: string | null;
  @Field(() => [RecordInput], { description: 'At most 500.' })
  records!: readonly RecordInput[];
}

@ObjectType({ description: 'What became of one record. Each stands for itself: others of the batch go on.' })
export class RecordResult {
  @Field(() => String)
  externalId!: string;
  @Field(() => String)
  version!: string;
  @Field(() => RecordOutcomeEnum)
  outcome!: string;
  @Field(() => ID, { nullable: true })
  identityId!: string | null;
  @Field(() => ID, { name: 'batchChangeId', nullable: true, description: 'With HELD: the wave in which it waits for a person.' })
  waveId!: string | null;
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: 'Results of recordFacts. An error instead of it with DATABASE_UNAVAILABLE: send the same records in the same versions again.' })
export class RecordFactsResult {
  @Field(() => [RecordResult], { description: 'In the order of the records.' })
  results!: readonly RecordResult[];
  @Field(() => Int, { description: 'Number of records that are invalid, refused, ambiguous, in conflict, waiting for approval, or failed.' })
  problems!: number;
}
