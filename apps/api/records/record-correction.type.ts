import { Field, ID, InputType } from '@nestjs/graphql';
import { RecordStatusEnum } from '../graphql/enums.ts';
import { JsonScalar } from '../graphql/scalars.ts';

@InputType({ description: 'Correction of a source record: its values take precedence over those of the source. A field that is left out keeps its value.' })
export class CorrectRecordInput {
  @Field(() => ID)
  recordId!: string;
  @Field(() => String, { description: 'Of the record, as you have seen it.' })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true })
  status?: 'active' | 'ended' | null;
  @Field(() => String, { nullable: true, description: 'With ENDED: an instant (RFC 3339), or a day (YYYY-MM-DD) that is the last one. Absent: now.' })
  endedAt?: string | null;
  @Field(() => JsonScalar, { nullable: true, description: 'Attributes that are wrong, as they are right; null says that there is none.' })
  attributes?: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'The version that the record has from now on, digits only: what the source says in a later one counts again. Absent: as it is.',
  })
  newVersion?: string | null;
  @Field(() => String)
  reason!: string;
}
