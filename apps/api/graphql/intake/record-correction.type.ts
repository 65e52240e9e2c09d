import { Field, ID, InputType } from '@nestjs/graphql';
import { RecordStatusEnum } from '../enums.ts';
import { JsonScalar } from '../scalars.ts';

@InputType({ description: 'Correction of a source record: its values take precedence over those of the source. A field that is left out keeps its value.' })
export class CorrectRecordInput {
  @Field(() => ID, { description: 'Id of the record.' })
  recordId!: string;
  @Field(() => String, { description: 'Version of the record as you have read it.' })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'Corrected status. Absent: unchanged.' })
  status?: 'active' | 'ended' | null;
  @Field(() => String, {
    nullable: true,
    description: 'End of the relationship, with ENDED: an instant (RFC 3339), or the last day (YYYY-MM-DD) in the time zone of the person. Absent: now.',
  })
  endedAt?: string | null;
  @Field(() => JsonScalar, { nullable: true, description: 'Corrected attributes by name; the value null: the person has none. Absent: unchanged.' })
  attributes?: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'New version of the record, digits only: a later version from the source takes precedence again. Absent: unchanged.',
  })
  newVersion?: string | null;
  @Field(() => String, { description: 'Reason, 1 to 1000 characters; stored in the audit.' })
  reason!: string;
}
