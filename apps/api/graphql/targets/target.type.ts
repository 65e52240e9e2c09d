import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { ModeReason, TargetMode } from '@tenure/domain';
import { connectionType } from '../connection.ts';
import { AccountStateEnum, ChangeKindEnum, enumOf } from '../enums.ts';
import { ReconciliationRunType } from '../reconciliation/reconciliation-run.type.ts';
import { InstantScalar } from '../scalars.ts';

export const TargetModeEnum = enumOf<TargetMode>('TargetMode', 'Mode of a target.', {
  observe: 'Tenure reads, decides and plans, and writes nothing there.',
  enforce: 'Tenure also carries the plans out.',
});

export const TargetModeReasonEnum = enumOf<ModeReason>('TargetModeReason', 'Reason for the mode of a target.', {
  empty: 'It had no account at first contact.',
  'in-use': 'It had accounts at first contact that Tenure has not made.',
  'written-before': 'Tenure had written to it before targets had modes.',
  configured: 'tenure.yaml sets the mode.',
  'switched-on': 'Its plan was approved (switchOnTarget).',
  'switched-back': 'Somebody switched it back (observeTarget).',
});

@ObjectType('TargetModeState', { description: 'Mode of a target, with the reason for it. For administrators, operators and auditors.' })
export class TargetModeStateType {
  @Field(() => TargetModeEnum, { description: 'Mode of the target.' })
  mode!: string;
  @Field(() => TargetModeReasonEnum, { description: 'Reason for the mode.' })
  why!: string;
  @Field(() => InstantScalar, { description: 'Time since which the mode is set.' })
  since!: string;
  @Field(() => String, { description: 'Name of the actor that set the mode.' })
  setBy!: string;
  @Field(() => String, { nullable: true, description: 'Reason in the words of the actor; null: none was given.' })
  reason!: string | null;
}

@ObjectType('PlannedAccountChange', { description: 'Planned change of an account. Without attribute values.' })
export class PlannedAccountChangeType {
  @Field(() => ChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
  @Field(() => [String], { description: 'Names of the attributes that are written, or of the entitlement; empty: the account as a whole.' })
  names!: readonly string[];
}

@ObjectType('TargetPlanPerson', { description: 'Person with the changes that are planned for the account in a target.' })
export class TargetPlanPersonType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => String, { description: 'User name of the account in the target.' })
  userName!: string;
  @Field(() => [PlannedAccountChangeType], { description: 'Changes in the order in which they would be carried out.' })
  changes!: readonly PlannedAccountChangeType[];
  @Field(() => AccountStateEnum, { description: 'State of the account in the last observation.' })
  before!: string;
  @Field(() => AccountStateEnum, { description: 'Desired state of the account.' })
  after!: string;
  @Field(() => Boolean, {
    description: 'True if the account was observed since its desired state was set; otherwise the changes may turn out to be fewer.',
  })
  isObserved!: boolean;
}

@ObjectType('TargetPlanCount', { description: 'Number of people with a kind of planned change.' })
export class TargetPlanCountType {
  @Field(() => ChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
  @Field(() => Int, { description: 'Number of people.' })
  people!: number;
}

const TargetPlanConnection = connectionType('TargetPlanPerson', 'people of a plan', () => TargetPlanPersonType);

@ObjectType('TargetPlan', {
  description:
    'Changes by which all accounts in a target would come to their desired states, from the last observations. In a target that is observed they wait until it is switched on.',
})
export class TargetPlanType {
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => TargetModeEnum, { nullable: true, description: 'Mode; null: the target was not contacted yet.' })
  mode!: string | null;
  @Field(() => ReconciliationRunType, {
    nullable: true,
    description: 'Last complete reconciliation run; null: there was none, so the target cannot be switched on.',
  })
  lastCompleteRun!: ReconciliationRunType | null;
  @Field(() => Int, { description: 'Number of people with planned changes, on all pages.' })
  totalCount!: number;
  @Field(() => [TargetPlanCountType], { description: 'Numbers of people by kind of change, the largest first.' })
  counts!: readonly TargetPlanCountType[];
  @Field(() => TargetPlanConnection, { description: 'People of the plan, in the order of ids.' })
  people!: unknown;
}
