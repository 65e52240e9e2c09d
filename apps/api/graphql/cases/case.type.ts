import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ActorType } from '../audit/audit-event.type.ts';
import { PageInfo } from '../connection.ts';
import { CaseKindEnum, CaseResolutionEnum, CaseStatusEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('CaseAction', { description: 'Mutation that you may call about a case now.' })
export class CaseActionType {
  @Field(() => String, { description: 'Name of the mutation.' })
  mutation!: string;
  @Field(() => JsonScalar, { description: 'Arguments that follow from the case, by name.' })
  with!: unknown;
  @Field(() => [String], { description: 'Names of the arguments that you provide.' })
  needs!: readonly string[];
}

@ObjectType('CaseComment', { description: 'Comment on a case.' })
export class CaseCommentType {
  @Field(() => ID, { description: 'Id of the comment.' })
  id!: string;
  @Field(() => ActorType, { description: 'Actor who wrote the comment.' })
  by!: ActorType;
  @Field(() => String, { description: 'Text of the comment.' })
  text!: string;
  @Field(() => InstantScalar, { description: 'Time of the comment.' })
  at!: string;
}

@ObjectType('Case', {
  description: 'Task that needs a human decision. Visible to administrators, operators and auditors, and to the people who may answer it.',
})
export class CaseType {
  @Field(() => ID, { description: 'Id of the case.' })
  id!: string;
  @Field(() => CaseKindEnum, { description: 'Kind of the case.' })
  kind!: string;
  @Field(() => CaseStatusEnum, { description: 'Status of the case.' })
  status!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the case is about; null: no person.' })
  identityId!: string | null;
  @Field(() => String, { nullable: true, description: 'Display name of the person whom the case is about; null: no person.' })
  subjectName!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the target that the case is about; null: no target.' })
  target!: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the operation, for retryOperation and abandonOperation; null: the case is about no single operation.',
  })
  operationId!: string | null;
  @Field(() => JsonScalar, {
    name: 'evidence',
    description: 'Evidence by name, as described for the kind in docs/cases.md: ids, codes and names, no personal data.',
  })
  shownEvidence!: unknown;
  @Field(() => ID, { nullable: true, description: 'Id of the person to whom the case is assigned; null: no single person.' })
  ownerId!: string | null;
  @Field(() => PersonNameType, { nullable: true, description: 'Person to whom the case is assigned; null: no single person.' })
  owner!: PersonNameType | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of the role or entitlement whose holders may answer the case; null: none. Without ownerId and ownerGroup any operator may.',
  })
  ownerGroup!: string | null;
  @Field(() => PersonNameType, { nullable: true, description: 'Person who works on the case (claimCase); null: nobody has claimed it.' })
  claimedBy!: PersonNameType | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which claimedBy claimed the case; null: nobody has.' })
  claimedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Deadline; null: none.' })
  deadline!: string | null;
  @Field(() => Boolean, { description: 'True if the case is open and its deadline has passed.' })
  isOverdue!: boolean;
  @Field(() => Boolean, { description: 'True if the first deadline passed and the case was escalated to the next in line.' })
  isEscalated!: boolean;
  @Field(() => [CaseActionType], { description: 'Mutations that you may call about the case now.' })
  actions!: readonly CaseActionType[];
  @Field(() => [CaseCommentType], { description: 'Comments, the oldest first. About yourself you see only your own.' })
  comments!: readonly CaseCommentType[];
  @Field(() => InstantScalar, { description: 'Time at which the case was opened.' })
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the case was closed; null: open.' })
  closedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the person, service or component that closed the case; null: open.' })
  closedBy!: string | null;
  @Field(() => CaseResolutionEnum, { nullable: true, description: 'Way in which the case was closed; null: open.' })
  resolution!: string | null;
  @Field(() => String, { nullable: true, description: 'Cause of an automatic close, in words; null: open, or closed by an answer.' })
  closeReason!: string | null;
}

@ObjectType('CaseCount', { description: 'Number of cases of one kind and status.' })
export class CaseCountType {
  @Field(() => CaseKindEnum, { description: 'Kind of the cases.' })
  kind!: string;
  @Field(() => CaseStatusEnum, { description: 'Status of the cases.' })
  status!: string;
  @Field(() => Int, { description: 'Number of cases.' })
  count!: number;
  @Field(() => Int, { description: 'Number of open cases with a deadline that has passed.' })
  overdue!: number;
}

@ObjectType('AssignedCase', { description: 'Open case that is assigned to you or to a person whose deputy you are. Only you see it here.' })
export class AssignedCaseType {
  @Field(() => ID, { description: 'Id of the case.' })
  id!: string;
  @Field(() => CaseKindEnum, { description: 'Kind of the case.' })
  kind!: string;
  @Field(() => String, { nullable: true, description: 'Display name of the person whom the case is about; null: it is about no person.' })
  subjectName!: string | null;
  @Field(() => JsonScalar, { description: 'Evidence by name, as described for the kind in docs/cases.md: ids, codes and names, no personal data.' })
  evidence!: unknown;
  @Field(() => InstantScalar, { description: 'Time at which the case was opened.' })
  openedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Deadline of the case; null: none.' })
  deadline!: string | null;
}

@ObjectType('CaseEdge', { description: 'Case on a page.' })
export class CaseEdge {
  @Field(() => String, { description: 'Cursor of the case, for the argument after.' })
  cursor!: string;
  @Field(() => CaseType, { description: 'The case.' })
  node!: CaseType;
}

@ObjectType('CaseConnection', { description: 'Page of cases.' })
export class CaseConnection {
  @Field(() => [CaseEdge], { description: 'Cases of the page, each with its cursor.' })
  edges!: readonly CaseEdge[];
  @Field(() => PageInfo, { description: 'Position of the page.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Number of cases on all pages.' })
  totalCount!: number;
  @Field(() => [CaseCountType], { description: 'Number of cases on all pages, by kind and status.' })
  counts!: readonly CaseCountType[];
}

@InputType({ description: 'Conditions on cases; a case has to meet all of them. An absent condition is not checked.' })
export class CaseFilter {
  @Field(() => CaseStatusEnum, { nullable: true, description: 'Status of the case. Absent: any.' })
  status?: 'open' | 'closed' | null;
  @Field(() => CaseKindEnum, { nullable: true, description: 'Kind of the case. Absent: any.' })
  kind?: string | null;
  @Field(() => [CaseKindEnum], { nullable: true, description: 'Kinds of the case. Absent: any.' })
  kinds?: readonly string[] | null;
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the case is about. Absent: any.' })
  identityId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of the target that the case is about. An unknown target is refused with INPUT_INVALID. Absent: any.',
  })
  target?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the person to whom the case is assigned. Absent: any.' })
  ownerId?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only cases that you may answer as owner, as a holder of ownerGroup, as an approver or as a deputy; false: only others. Absent: both.',
  })
  mine?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'True: only cases that you have claimed; false: only others. Absent: both.' })
  claimedByMe?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'True: only cases that a person has claimed; false: only those that nobody has. Absent: both.' })
  claimed?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'True: only open cases with a deadline that has passed; false: only others. Absent: both.' })
  overdue?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'True: only escalated cases; false: only others. Absent: both.' })
  escalated?: boolean | null;
  @Field(() => String, {
    nullable: true,
    description: 'Part of a name or code in the evidence; for administrators, operators and auditors also part of the display name of the person. Absent: any.',
  })
  text?: string | null;
}
