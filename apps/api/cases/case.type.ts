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
  @Field(() => InstantScalar)
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  closedAt!: string | null;
  @Field(() => String, { nullable: true })
  closedBy!: string | null;
  @Field(() => String, { nullable: true })
  resolution!: string | null;
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
}
