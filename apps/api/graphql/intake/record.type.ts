import { Field, ID, ObjectType } from '@nestjs/graphql';
import { RecordStatusEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('SourceRecord', { description: 'Record of one source about one person, as last recorded.' })
export class RecordType {
  @Field(() => ID, { description: 'Id of the record.' })
  id!: string;
  @Field(() => String, { description: 'Name of the source.' })
  source!: string;
  @Field(() => String, { description: 'Id of the person in the source.' })
  externalId!: string;
  @Field(() => String, { description: 'Version of the record.' })
  version!: string;
  @Field(() => JsonScalar, { description: 'Attributes by name. A missing attribute: no statement; the value null: the person has none.' })
  facts!: unknown;
  @Field(() => [String], { nullable: true, description: 'Names of the groups that a login asserts; null: it sent no groups.' })
  groups!: readonly string[] | null;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'Status of the relationship; null: the source does not decide about it.' })
  status!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the relationship; null: none is stated, or endedOn states it.' })
  endedAt!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Last day of the relationship (YYYY-MM-DD), in the time zone of the person; null: none is stated, or endedAt states it.',
  })
  endedOn!: string | null;
  @Field(() => InstantScalar, { description: 'Time at which the record last changed.' })
  recordedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which an operator withdrew the record, which ended it; null: not withdrawn.' })
  withdrawnAt?: string | null;
  @Field(() => JsonScalar, {
    name: 'sourceContent',
    nullable: true,
    description:
      'Content that the source itself sent last (version, facts, status, endedAt, endedOn), where it is not in force: an operator has corrected or withdrawn the record, or a complete import did not contain it; null: the record is as its source sent it.',
  })
  said?: unknown;
}
