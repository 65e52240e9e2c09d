import { Field, ID, ObjectType } from '@nestjs/graphql';
import { RecordStatusEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('SourceRecord', { description: 'What one source says of one person, as it was last recorded.' })
export class RecordType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  source!: string;
  @Field(() => String, { description: "The source's own id for the person." })
  externalId!: string;
  @Field(() => String)
  version!: string;
  @Field(() => JsonScalar, { description: 'An absent attribute says nothing; null says that there is none.' })
  facts!: unknown;
  @Field(() => [String], { nullable: true, description: 'Groups that a login asserted; null: it said nothing of groups.' })
  groups!: readonly string[] | null;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'null where the source has no say in that.' })
  status!: string | null;
  @Field(() => InstantScalar, { nullable: true })
  endedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'The last day, in place of endedAt: it ends where the person is by then.' })
  endedOn!: string | null;
  @Field(() => InstantScalar)
  recordedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When an operator withdrew the record, which ended it; null: not withdrawn.' })
  withdrawnAt?: string | null;
  @Field(() => JsonScalar, {
    name: 'sourceContent',
    nullable: true,
    description:
      'Content that the source itself sent last (version, facts, status, endedAt, endedOn), where it does not count: an operator has corrected or withdrawn the record, or a complete import did not name it. null: the record is as its source sent it.',
  })
  said?: unknown;
}
