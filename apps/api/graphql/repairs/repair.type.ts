import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ActorType } from '../audit/audit-event.type.ts';
import { connectionType } from '../connection.ts';
import { AccountStateEnum, ChangeKindEnum, LifecycleStateEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { UsualLength } from '../../server/limits.ts';
import { RepairKindEnum, RepairLossEnum, RepairStatusEnum, SecondPersonReasonEnum } from './repair.enums.ts';

@InputType({ description: 'Move of a source record to another person.' })
export class MoveRecordInput {
  @Field(() => ID, { description: 'Id of the source record.' })
  recordId!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person to whom it goes. Absent: a new identity.' })
  toIdentityId?: string | null;
}

@InputType({ description: 'Merge of two identities of one person.' })
export class MergeIdentitiesInput {
  @Field(() => ID, { description: 'Id of the identity that is merged: it ends, and points to the other one.' })
  fromIdentityId!: string;
  @Field(() => ID, { description: 'Id of the identity that goes on.' })
  intoIdentityId!: string;
  @Field(() => [String], {
    nullable: true,
    description:
      'Targets in which both have an account and that of fromIdentityId stays; the other one is closed. Absent: the account of intoIdentityId stays in each.',
  })
  accountsOfFrom?: readonly string[] | null;
}

@InputType('RepairInput', { description: 'Repair to be planned. Provide exactly one field.' })
export class RepairInputType {
  @Field(() => ID, { nullable: true, description: 'Id of the person whose user name is released. Absent: another repair.' })
  releaseUserName?: string | null;
  @Field(() => MoveRecordInput, { nullable: true, description: 'Record to be moved. Absent: another repair.' })
  moveRecord?: MoveRecordInput | null;
  @Field(() => MergeIdentitiesInput, { nullable: true, description: 'Identities to be merged. Absent: another repair.' })
  mergeIdentities?: MergeIdentitiesInput | null;
  @Field(() => ID, { nullable: true, description: 'Id of the repair to be undone. Absent: another repair.' })
  undoRepair?: string | null;
}

@ObjectType('RepairOperation', { description: 'Change that a repair causes in a target.' })
export class RepairOperationType {
  @Field(() => ChangeKindEnum, { description: 'Kind of the change.' })
  kind!: string;
  @Field(() => String, { nullable: true, description: "The target's own name of the group or role; null: the change is no membership." })
  entitlement?: string | null;
}

@ObjectType('RepairedAccount', { description: 'Consequence of a repair for the account of a person in a target.' })
export class RepairedAccountType {
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the account; null: it is to be created.' })
  accountId!: string | null;
  @Field(() => AccountStateEnum, { nullable: true, description: 'Desired state before; null: the person had no account there.' })
  before!: string | null;
  @Field(() => AccountStateEnum, { nullable: true, description: 'Desired state after; null: the account went to somebody else.' })
  after!: string | null;
  @Field(() => ID, { name: 'fromIdentityId', nullable: true, description: 'Id of the person from whom the account comes; null: it was theirs.' })
  from?: string | null;
  @Field(() => ID, { name: 'toIdentityId', nullable: true, description: 'Id of the person to whom their account goes; null: it stays.' })
  to?: string | null;
  @UsualLength(3)
  @Field(() => [RepairOperationType], { description: 'Changes that wait in the target.' })
  operations!: readonly RepairOperationType[];
}

@ObjectType('RepairViolation', { description: 'Violation of a separation-of-duties rule that a repair causes.' })
export class RepairViolationType {
  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;
  @UsualLength(3)
  @Field(() => [String], { description: 'Roles and entitlements that conflict.' })
  names!: readonly string[];
  @UsualLength(3)
  @Field(() => [String], { description: 'Those of them that are withheld.' })
  withheld!: readonly string[];
}

@ObjectType('RepairedPerson', { description: 'Consequences of a repair for one person.' })
export class RepairedPersonType {
  @Field(() => ID, { nullable: true, description: 'Id of the person; null: an identity that the repair creates.' })
  identityId!: string | null;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Lifecycle state before; null: the repair creates the identity.' })
  before!: string | null;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state after.' })
  after!: string;
  @Field(() => [String], { description: 'Roles and entitlements that the person gains.' })
  gained!: readonly string[];
  @Field(() => [String], { description: 'Roles and entitlements that the person loses.' })
  lost!: readonly string[];
  @UsualLength(5)
  @Field(() => [RepairedAccountType], { description: 'Accounts that change.' })
  accounts!: readonly RepairedAccountType[];
  @Field(() => Int, { description: 'Number of sessions that end.' })
  sessionsEnded!: number;
  @UsualLength(3)
  @Field(() => [RepairViolationType], { description: 'Violations of separation-of-duties rules that arise.' })
  violations!: readonly RepairViolationType[];
}

@ObjectType('RepairedRows', { description: 'Number of things of one kind that a repair moves.' })
export class RepairedRowsType {
  @Field(() => String, { description: 'Kind, as in docs/repair.md: records, logins, requests, approvals, cases, and others.' })
  kind!: string;
  @Field(() => Int, { description: 'Number.' })
  count!: number;
}

@ObjectType('RepairPlan', { description: 'Plan of a repair: everything that follows from it.' })
export class RepairPlanType {
  @Field(() => String, { description: 'Digest of the consequences, for the mutation that carries the repair out: it changes with them.' })
  digest!: string;
  @UsualLength(2)
  @Field(() => [RepairedPersonType], { description: 'Consequences for each person, in the order of their ids; a new identity comes last.' })
  people!: readonly RepairedPersonType[];
  @Field(() => [RepairedRowsType], { description: 'Numbers of things that move.' })
  moved!: readonly RepairedRowsType[];
  @Field(() => Int, { description: 'Number of logins whose binding ends.' })
  loginsEnded!: number;
  @Field(() => Int, { description: 'Number of logins that an administrator has to confirm before they may act with rights in Tenure.' })
  loginsToConfirm!: number;
  @Field(() => [ID], { description: 'Ids of request items that end, since one of the two approved them for the other.' })
  itemsEnded!: readonly string[];
  @Field(() => [SecondPersonReasonEnum], { description: 'Reasons why a second administrator has to approve it; empty: none has to.' })
  secondPerson!: readonly string[];
  @Field(() => [RepairLossEnum], { description: 'Consequences that an undo does not take back.' })
  forGood!: readonly string[];
}

@ObjectType('Repair', { description: 'Repair of identities, with its plan. For administrators, operators and auditors.' })
export class RepairType {
  @Field(() => ID, { description: 'Id of the repair.' })
  id!: string;
  @Field(() => RepairKindEnum, { description: 'Kind of the repair.' })
  kind!: string;
  @Field(() => RepairStatusEnum, { description: 'Status of the repair.' })
  status!: string;
  @Field(() => ID, { description: 'Id of the person whose user name, record or identity it is about.' })
  identityId!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person to whom it went; null: nobody, or the repair waits.' })
  otherId!: string | null;
  @Field(() => InstantScalar, { description: 'Time of the request.' })
  requestedAt!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time at which a second administrator approved or discarded it; null: nobody had to, or it waits.',
  })
  decidedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was undone; null: it was not.' })
  undoneAt!: string | null;
  @Field(() => RepairPlanType, { description: 'Plan with which it was requested or carried out.' })
  plan!: RepairPlanType;
  @Field(() => ActorType, { description: 'Person or service that requested it.' })
  requestedBy!: ActorType;
  @Field(() => ActorType, { nullable: true, description: 'Second administrator who approved or discarded it; null: nobody had to, or it waits.' })
  decidedBy!: ActorType | null;
  @Field(() => ActorType, { nullable: true, description: 'Person or service that undid it; null: it was not undone.' })
  undoneBy!: ActorType | null;
}

export const RepairConnection = connectionType('Repair', 'repairs', () => RepairType);

@ObjectType('ReleasedUserName', { description: 'User name that a person had until it was released.' })
export class ReleasedUserNameType {
  @Field(() => String, { description: 'The user name. Somebody else may have it by now.' })
  userName!: string;
  @Field(() => InstantScalar, { description: 'Time of the release.' })
  releasedAt!: string;
  @Field(() => ID, { description: 'Id of the repair.' })
  repairId!: string;
}
