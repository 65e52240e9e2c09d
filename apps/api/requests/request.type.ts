import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum, NotRequestableReasonEnum, RequestItemStatusEnum } from '../graphql/enums.ts';
import { UsualLength } from '../graphql/limits.ts';
import { InstantScalar } from '../graphql/scalars.ts';
import { BreakGlassReviewType } from './emergency.type.ts';
import { PersonNameType } from './person-name.type.ts';

@ObjectType('Approver')
export class ApproverType {
  @Field(() => PersonNameType)
  person!: PersonNameType;
  @Field(() => PersonNameType, { nullable: true, description: 'Whose place they take, because that one is not there or has delegated; null: their own.' })
  deputyFor!: PersonNameType | null;
  @Field(() => String, { description: 'How the policy came to them.' })
  via!: string;
  @Field(() => InstantScalar)
  requestedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Since when they are asked no longer: somebody else is in their place.' })
  endedAt!: string | null;
}

@ObjectType('ApprovalAnswer')
export class ApprovalAnswerType {
  @Field(() => PersonNameType)
  by!: PersonNameType;
  @Field(() => PersonNameType, { nullable: true, description: 'In whose place it was given; null: in their own.' })
  onBehalfOf!: PersonNameType | null;
  @Field(() => Boolean)
  approves!: boolean;
  @Field(() => String, { description: 'Reason, visible to the requester. Empty: none was given, or another person requested access for you.' })
  comment!: string;
  @Field(() => InstantScalar)
  givenAt!: string;
}

@ObjectType('ApprovalStage')
export class ApprovalStageType {
  @Field(() => String)
  name!: string;
  @Field(() => Int, { description: 'How many have to approve; one who denies is enough to deny.' })
  quorum!: number;
  @UsualLength(4)
  @Field(() => [ApproverType])
  approvers!: readonly ApproverType[];
  @UsualLength(3)
  @Field(() => [ApprovalAnswerType], { description: 'Those that counted, the oldest first.' })
  answers!: readonly ApprovalAnswerType[];
}

@ObjectType('RequestedSeparationException')
export class RequestedSeparationExceptionType {
  @Field(() => String)
  rule!: string;
  @Field(() => [String], { description: 'What would be held together.' })
  names!: readonly string[];
  @Field(() => String, { description: 'What is done instead of separating.' })
  control!: string;
}

@ObjectType('RequestItem', { description: 'One role or entitlement of a request, decided by itself.' })
export class RequestItemType {
  @Field(() => ID)
  id!: string;
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => String, { description: 'ISO 8601, counted from approval.' })
  duration!: string;
  @Field(() => RequestItemStatusEnum)
  status!: string;
  @Field(() => String, { nullable: true })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'The stage that is asked now.' })
  stage!: string | null;
  @Field(() => Boolean)
  isEscalated!: boolean;
  @Field(() => InstantScalar, { nullable: true, description: 'The deadline of that stage.' })
  dueAt!: string | null;
  @Field(() => InstantScalar, { nullable: true })
  validFrom!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the grant, or termination of the person if that is earlier.' })
  validUntil!: string | null;
  @Field(() => InstantScalar, { nullable: true })
  endedAt!: string | null;
  @Field(() => ID, { nullable: true, description: 'The item that it makes last longer.' })
  extends!: string | null;
  @Field(() => Boolean, { description: 'Taken in an emergency, without asking.' })
  isBreakGlass!: boolean;
  @Field(() => BreakGlassReviewType, { nullable: true, description: 'Of what was taken in an emergency; null: it waits for one.' })
  review!: BreakGlassReviewType | null;
  @UsualLength(2)
  @Field(() => [RequestedSeparationExceptionType])
  exceptions!: readonly RequestedSeparationExceptionType[];
  @UsualLength(3)
  @Field(() => [ApprovalStageType], { description: 'In the order in which they are asked.' })
  stages!: readonly ApprovalStageType[];
}

@ObjectType('AccessRequest', { description: 'What somebody asked for, for themselves or for another.' })
export class AccessRequestType {
  @Field(() => ID)
  id!: string;
  @Field(() => PersonNameType)
  for!: PersonNameType;
  @Field(() => PersonNameType)
  requestedBy!: PersonNameType;
  @Field(() => String, { description: 'Empty when somebody else asked for access for you.' })
  justification!: string;
  @Field(() => Boolean)
  isOpen!: boolean;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  closedAt!: string | null;
  @UsualLength(3)
  @Field(() => [RequestItemType])
  items!: readonly RequestItemType[];
}

@ObjectType('SeparationConflict')
export class SeparationConflictType {
  @Field(() => String)
  rule!: string;
  @Field(() => [String])
  names!: readonly string[];
  @Field(() => Boolean, { description: 'Whether the rule has an owner who may allow an exception.' })
  mayBeExcepted!: boolean;
}

@ObjectType('Requestable', { description: 'A role or an entitlement of the catalogue.' })
export class RequestableType {
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => Boolean)
  isRequestable!: boolean;
  @Field(() => NotRequestableReasonEnum, { nullable: true, description: 'Why not' })
  reason!: string | null;
  @Field(() => String, { name: 'maximumDuration', nullable: true, description: 'The longest that may be asked for, ISO 8601.' })
  longest!: string | null;
  @UsualLength(2)
  @Field(() => [SeparationConflictType], { description: 'What it would be held together with although it must not.' })
  conflicts!: readonly SeparationConflictType[];
}

@InputType()
export class SeparationExceptionInput {
  @Field(() => String)
  rule!: string;
  @Field(() => String, { description: 'What is done instead of separating, e.g. a monthly review.' })
  control!: string;
}

@InputType()
export class RequestItemInput {
  @Field(() => GrantKindEnum)
  kind!: 'role' | 'entitlement';
  @Field(() => String)
  name!: string;
  @Field(() => String, { nullable: true, description: 'ISO 8601; as long as may be, unless given.' })
  duration?: string | null;
  @Field(() => [SeparationExceptionInput], { nullable: true })
  exceptions?: readonly SeparationExceptionInput[] | null;
}

@InputType()
export class RequestAccessInput {
  @Field(() => ID, { nullable: true, description: 'Yourself unless given; or somebody whose manager you are.' })
  identityId?: string | null;
  @Field(() => String)
  justification!: string;
  @Field(() => [RequestItemInput])
  items!: readonly RequestItemInput[];
}
