import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ActorType } from '../audit/audit-event.type.ts';
import { PageInfo } from '../graphql/connection.ts';
import { CaseKindEnum, CaseStatusEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('CaseAction', { description: 'Something that you may do about a case now.' })
export class CaseActionType {
  @Field(() => String, { description: 'Name of the mutation.' })
  mutation!: string;
  @Field(() => JsonScalar, { description: 'Arguments that follow from the case.' })
  with!: unknown;
  @Field(() => [String], { description: 'Arguments that you have to say.' })
  needs!: readonly string[];
}

@ObjectType('CaseComment')
export class CaseCommentType {
  @Field(() => ID)
  id!: string;
  @Field(() => ActorType)
  by!: ActorType;
  @Field(() => String)
  text!: string;
  @Field(() => InstantScalar)
  at!: string;
}

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
  @Field(() => String, { nullable: true, description: 'Whom it is about, by name.' })
  subjectName!: string | null;
  @Field(() => String, { nullable: true })
  target!: string | null;
  @Field(() => ID, { nullable: true, description: 'For retryOperation and giveUpOperation.' })
  operationId!: string | null;
  @Field(() => JsonScalar, { description: 'Ids, codes and names: no personal data.' })
  evidence!: unknown;
  @Field(() => ID, { nullable: true, description: "Whose it is to answer. Without this and an ownerGroup it is any operator's." })
  ownerId!: string | null;
  @Field(() => PersonNameType, { nullable: true })
  owner!: PersonNameType | null;
  @Field(() => String, { nullable: true, description: 'Role or entitlement whose holders may answer it.' })
  ownerGroup!: string | null;
  @Field(() => PersonNameType, { nullable: true, description: 'Who is on it.' })
  claimedBy!: PersonNameType | null;
  @Field(() => InstantScalar, { nullable: true })
  claimedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'By when it should be answered.' })
  deadline!: string | null;
  @Field(() => Boolean, { description: 'Its deadline has passed.' })
  isOverdue!: boolean;
  @Field(() => Boolean, { description: 'Its first deadline has passed, and it went to the next in line.' })
  isEscalated!: boolean;
  @Field(() => [CaseActionType], { description: 'What you may do about it now.' })
  actions!: readonly CaseActionType[];
  @Field(() => [CaseCommentType], { description: 'The oldest first.' })
  comments!: readonly CaseCommentType[];
  @Field(() => InstantScalar)
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  closedAt!: string | null;
  @Field(() => String, { nullable: true })
  closedBy!: string | null;
  @Field(() => String, { nullable: true })
  resolution!: string | null;
}

@ObjectType('CaseCount')
export class CaseCountType {
  @Field(() => CaseKindEnum)
  kind!: string;
  @Field(() => CaseStatusEnum)
  status!: string;
  @Field(() => Int)
  count!: number;
  @Field(() => Int, { description: 'Open ones whose deadline has passed.' })
  overdue!: number;
}

@ObjectType('AssignedCase', { description: 'A question that is yours to answer.' })
export class AssignedCaseType {
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

@ObjectType('CaseEdge')
export class CaseEdge {
  @Field(() => String)
  cursor!: string;
  @Field(() => CaseType)
  node!: CaseType;
}

@ObjectType('CaseConnection')
export class CaseConnection {
  @Field(() => [CaseEdge])
  edges!: readonly CaseEdge[];
  @Field(() => PageInfo)
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'How many there are on all pages.' })
  totalCount!: number;
  @Field(() => [CaseCountType], { description: 'The same by kind and status.' })
  counts!: readonly CaseCountType[];
}

@InputType()
export class CaseFilter {
  @Field(() => CaseStatusEnum, { nullable: true })
  status?: 'open' | 'closed' | null;
  @Field(() => CaseKindEnum, { nullable: true })
  kind?: string | null;
  @Field(() => [CaseKindEnum], { nullable: true, description: 'One of these.' })
  kinds?: readonly string[] | null;
  @Field(() => ID, { nullable: true, description: 'About this person.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true })
  target?: string | null;
  @Field(() => ID, { nullable: true, description: "Those that are this person's to answer." })
  ownerId?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Those that are yours to answer: as their owner, as one of those who may, or because you are asked.' })
  mine?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Those that you are on.' })
  claimedByMe?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether anybody is on it.' })
  claimed?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Open ones whose deadline has passed.' })
  overdue?: boolean | null;
  @Field(() => Boolean, { nullable: true })
  escalated?: boolean | null;
  @Field(() => String, { nullable: true, description: 'Part of what the evidence names, or for operators of the name of whom it is about.' })
  text?: string | null;
}
