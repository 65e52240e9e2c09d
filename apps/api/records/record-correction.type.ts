import { Field, ID, InputType } from '@nestjs/graphql';
import { RecordStatusEnum } from '../graphql/enums.ts';
import { JsonScalar } from '../graphql/scalars.ts';

@InputType({ description: 'Correction of a source record: its values take precedence over those of the source. A field that is left out keeps its value.' })
export class CorrectRecordInput {
  @Field(() => ID)
  recordId!: string;
  @Field(() => String, { description: 'Version of the record as you have read it.' })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true })
  status?: 'active' | 'ended' | null;
  @Field(() => String, { nullable: true, description: 'With ENDED: an instant (RFC 3339), or a day (YYYY-MM-DD) that is the last one. Absent: now.' })
  endedAt?: string | null;
  @Field(() => JsonScalar, { nullable: true, description: 'Corrected attributes by name; the value null: the person has none.' })
  attributes?: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'New version of the record, digits only: a later version from the source takes precedence again. Absent: unchanged.',
  })
  newVersion?: string | null;
  @Field(() => String)
  reason!: string;
}
