import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { CaseKindEnum, CaseStatusEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('Case', { description: 'A question that waits for a person.' })
export class CaseType {
  @Field(() => ID)
  id!: string;
  @Field(() => CaseKindEnum)
  kind!: string;
  @Field(() => CaseStatusEnum)
  status!: string;
  @Field(() => ID, { nullable: true })
  identityId!: string | null;
  @Field(() => String, { nullable: true })
  target!: string | null;
  @Field(() => ID, { nullable: true, description: 'For retryOperation and giveUpOperation.' })
  operationId!: string | null;
  @Field(() => JsonScalar, { description: 'Ids, codes and names: no personal data.' })
  evidence!: unknown;
  @Field(() => ID, { nullable: true, description: "Whose it is to answer; null: any operator's." })
  ownerId!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'By when it should be answered.' })
  deadline!: string | null;
  @Field(() => InstantScalar)
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  closedAt!: string | null;
  @Field(() => String, { nullable: true })
  closedBy!: string | null;
  @Field(() => String, { nullable: true })
  resolution!: string | null;
}

@ObjectType('OwnCase', { description: 'A question that is yours to answer.' })
export class OwnCaseType {
  @Field(() => ID)
  id!: string;
  @Field(() => CaseKindEnum)
  kind!: string;
  @Field(() => String, { nullable: true, description: 'Whom it is about.' })
  subjectName!: string | null;
  @Field(() => JsonScalar)
  evidence!: unknown;
  @Field(() => InstantScalar)
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'By when it should be answered.' })
  deadline!: string | null;
}

export const CaseConnection = connectionType('Case', () => CaseType);

@InputType()
export class CaseFilter {
  @Field(() => CaseStatusEnum, { nullable: true })
  status?: 'open' | 'closed' | null;
  @Field(() => CaseKindEnum, { nullable: true })
  kind?: string | null;
  @Field(() => ID, { nullable: true })
  identityId?: string | null;
  @Field(() => ID, { nullable: true, description: "Those that are this person's to answer." })
  ownerId?: string | null;
}
