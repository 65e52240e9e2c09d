import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ApproverSelectionEnum, GrantKindEnum, NotRequestableReasonEnum, RequestItemStatusEnum } from '../enums.ts';
import { UsualLength } from '../../server/limits.ts';
import { InstantScalar } from '../scalars.ts';
import { BreakGlassReviewType } from './break-glass.type.ts';
import { PersonNameType } from './person-name.type.ts';

@ObjectType('Approver', { description: 'Person who is or was asked to approve an item in one stage.' })
export class ApproverType {
  @Field(() => PersonNameType, { description: 'The approver.' })
  person!: PersonNameType;
  @Field(() => PersonNameType, {
    nullable: true,
    description: 'Approver whose deputy this person is, because that approver is absent or has delegated; null: the policy names this person.',
  })
  deputyFor!: PersonNameType | null;
  @Field(() => ApproverSelectionEnum, { description: 'Way in which the approver was selected; of a deputy, the way of deputyFor.' })
  selectedBy!: string;
  @Field(() => String, { nullable: true, description: 'Name of the role or entitlement by which the approver was selected; null: selectedBy is not GRANT.' })
  selectedByGrant!: string | null;
  @Field(() => InstantScalar, { description: 'Time at which the approval was requested from this person.' })
  requestedAt!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time from which this person can no longer answer, since another approver replaced them; null: can still answer.',
  })
  endedAt!: string | null;
}

@ObjectType('ApprovalAnswer', { description: 'Answer of one approver in one stage.' })
export class ApprovalAnswerType {
  @Field(() => PersonNameType, { description: 'Person who answered.' })
  by!: PersonNameType;
  @Field(() => PersonNameType, { nullable: true, description: 'Approver whose deputy answered; null: the approver answered in person.' })
  onBehalfOf!: PersonNameType | null;
  @Field(() => Boolean, { description: 'True: approved; false: denied.' })
  approves!: boolean;
  @Field(() => String, { description: 'Comment of the approver, visible to the requester. Empty: none was given, or another person requested access for you.' })
  comment!: string;
  @Field(() => InstantScalar, { description: 'Time of the answer.' })
  givenAt!: string;
}

@ObjectType('ApprovalStage', { description: 'One stage of the approval of a requested item.' })
export class ApprovalStageType {
  @Field(() => String, { description: 'Name of the stage in the policy.' })
  name!: string;
  @Field(() => Int, { description: 'Number of approvals that the stage needs. One denial denies the item.' })
  quorum!: number;
  @UsualLength(4)
  @Field(() => [ApproverType], { description: 'People who are or were asked to approve in this stage.' })
  approvers!: readonly ApproverType[];
  @UsualLength(3)
  @Field(() => [ApprovalAnswerType], { description: 'Answers that counted, the oldest first.' })
  answers!: readonly ApprovalAnswerType[];
}

@ObjectType('RequestedSeparationException', { description: 'SoD exception that was requested with an item.' })
export class RequestedSeparationExceptionType {
  @Field(() => String, { description: 'Name of the separation-of-duties rule.' })
  rule!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements that the exception covers.' })
  names!: readonly string[];
  @Field(() => String, { description: 'Compensating control, such as a monthly review.' })
  control!: string;
}

@ObjectType('RequestItem', { description: 'Role or entitlement of a request, decided separately.' })
export class RequestItemType {
  @Field(() => ID, { description: 'Id of the item.' })
  id!: string;
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the role or entitlement.' })
  title!: string;
  @UsualLength(1)
  @Field(() => [String], {
    description:
      'Names of the targets that are only observed, in which the access would be: nothing is given there until they are switched on (switchOnTarget), approved or not. Empty: none.',
  })
  observedTargets!: readonly string[];
  @Field(() => String, { description: 'Duration of the grant, ISO 8601, counted from the approval.' })
  duration!: string;
  @Field(() => RequestItemStatusEnum, { description: 'Status of the item.' })
  status!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Code for the status, such as denied (by an approver), deadline (nobody decided in time), nobody (no approver), not-allowed or not-offered (by the policy), separation (of duties), or a lifecycle state; null: no reason is needed.',
  })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the stage that waits for approval; null: the item is decided.' })
  stage!: string | null;
  @Field(() => Boolean, { description: 'True if a deadline passed and the item was escalated to the next in line.' })
  isEscalated!: boolean;
  @Field(() => InstantScalar, { nullable: true, description: 'Deadline of the current stage; null: the item is decided.' })
  dueAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Begin of the grant; null: not granted.' })
  validFrom!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the grant, or termination of the person if that is earlier; null: not granted.' })
  validUntil!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the grant ended; null: not granted, or in force.' })
  endedAt!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the item that it extends; null: it extends none.' })
  extends!: string | null;
  @Field(() => Boolean, { description: 'True if it is break-glass access, taken without approval.' })
  isBreakGlass!: boolean;
  @Field(() => BreakGlassReviewType, { nullable: true, description: 'Review of break-glass access; null: it waits for review, or is no break-glass access.' })
  review!: BreakGlassReviewType | null;
  @UsualLength(2)
  @Field(() => [RequestedSeparationExceptionType], { description: 'SoD exceptions that were requested with the item.' })
  exceptions!: readonly RequestedSeparationExceptionType[];
  @UsualLength(3)
  @Field(() => [ApprovalStageType], { description: 'Stages of the approval, in their order.' })
  stages!: readonly ApprovalStageType[];
}

@ObjectType('AccessRequest', {
  description:
    'Request of a person for roles and entitlements, for themselves or for another person. Visible to the requester, the person whom it is for, everybody who is or was asked to approve it, administrators, operators and auditors.',
})
export class AccessRequestType {
  @Field(() => ID, { description: 'Id of the request.' })
  id!: string;
  @Field(() => PersonNameType, { description: 'Person whom the access is for.' })
  for!: PersonNameType;
  @Field(() => PersonNameType, { description: 'Person who made the request.' })
  requestedBy!: PersonNameType;
  @Field(() => String, { description: 'Justification of the requester. Empty: another person requested access for you, and their words are not shown to you.' })
  justification!: string;
  @Field(() => Boolean, { description: 'True while at least one item waits for a decision.' })
  isOpen!: boolean;
  @Field(() => InstantScalar, { description: 'Time of the request.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the last item was decided or withdrawn; null: the request is open.' })
  closedAt!: string | null;
  @UsualLength(3)
  @Field(() => [RequestItemType], { description: 'Requested roles and entitlements, each decided separately.' })
  items!: readonly RequestItemType[];
}

@ObjectType('SeparationConflict', { description: 'Separation-of-duties conflict that a grant would cause.' })
export class SeparationConflictType {
  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements in conflict.' })
  names!: readonly string[];
  @Field(() => Boolean, { description: 'True if the rule has an owner who may grant an SoD exception.' })
  mayBeExcepted!: boolean;
}

@ObjectType('Requestable', { description: 'Role or entitlement in the catalogue of requestable access, for one person.' })
export class RequestableType {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the role or entitlement.' })
  title!: string;
  @UsualLength(1)
  @Field(() => [String], {
    description:
      'Names of the targets that are only observed, in which the access would be: nothing is given there until they are switched on (switchOnTarget). Empty: none.',
  })
  observedTargets!: readonly string[];
  @Field(() => Boolean, { description: 'True if the person can request it now.' })
  isRequestable!: boolean;
  @Field(() => NotRequestableReasonEnum, { nullable: true, description: 'Reason why it cannot be requested; null: it can.' })
  reason!: string | null;
  @Field(() => String, { name: 'maximumDuration', nullable: true, description: 'Maximum duration, ISO 8601; null: it is not offered to this person.' })
  longest!: string | null;
  @UsualLength(2)
  @Field(() => [SeparationConflictType], { description: "Separation-of-duties conflicts with the person's grants." })
  conflicts!: readonly SeparationConflictType[];
}

@InputType({ description: 'SoD exception to request.' })
export class SeparationExceptionInput {
  @Field(() => String, { description: 'Name of the separation-of-duties rule.' })
  rule!: string;
  @Field(() => String, { description: 'Compensating control, such as a monthly review.' })
  control!: string;
}

@InputType({ description: 'Role or entitlement to request.' })
export class RequestItemInput {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: 'role' | 'entitlement';
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'Duration, ISO 8601, such as P30D. Absent: the maximum of the policy.' })
  duration?: string | null;
  @Field(() => [SeparationExceptionInput], { nullable: true, description: 'SoD exceptions to request with it. Absent: none.' })
  exceptions?: readonly SeparationExceptionInput[] | null;
}

@InputType({ description: 'Request for roles and entitlements.' })
export class RequestAccessInput {
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the access is for: yourself, or a person whose manager you are. Absent: yourself.' })
  identityId?: string | null;
  @Field(() => String, { description: 'Justification, 1 to 1000 characters. The approvers can read it.' })
  justification!: string;
  @Field(() => [RequestItemInput], { description: 'Requested roles and entitlements, 1 to 20.' })
  items!: readonly RequestItemInput[];
}
