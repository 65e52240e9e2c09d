import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InactivityStatusEnum, LifecycleStateEnum, UserTypeEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('Attribute', { description: 'Merged attribute of a person, with the source that it comes from.' })
export class AttributeType {
  @Field(() => String, { description: 'Name of the attribute in tenure.yaml.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the attribute.' })
  title!: string;
  @Field(() => JsonScalar, { description: 'Value of the attribute; its type is configured in tenure.yaml.' })
  value!: unknown;
  @Field(() => String, { description: 'Name of the source whose value takes precedence.' })
  source!: string;
  @Field(() => ID, { description: 'Id of the source record with the value.' })
  recordId!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which that source record last changed; null: the record no longer exists.' })
  recordedAt!: string | null;
}

@ObjectType('NextChange', { description: 'Next change of a lifecycle state.' })
export class NextChangeType {
  @Field(() => InstantScalar, { description: 'Time of the change.' })
  at!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state from then on.' })
  state!: string;
}

@ObjectType('Inactivity', { description: 'Inactivity of a person, where the policy limits it.' })
export class InactivityType {
  @Field(() => InstantScalar, { description: 'Begin of the inactivity: end of the last day with activity, or the time from which it is observed.' })
  since!: string;
  @Field(() => InactivityStatusEnum, { name: 'status', description: 'Status of the inactivity.' })
  standing!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the warning; null: the policy has no warning.' })
  warnAt!: string | null;
  @Field(() => InstantScalar, { description: 'Time at which the person is disabled for inactivity.' })
  disableAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the person is deprovisioned for inactivity; null: the policy does not do so.' })
  removeAt!: string | null;
}

@ObjectType('Lifecycle', { description: 'Lifecycle state of a person, with its reason.' })
export class LifecycleType {
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state.' })
  state!: string;
  @Field(() => String, { description: 'Reason for the state, a sentence.' })
  why!: string;
  @Field(() => String, { nullable: true, description: 'Name of the lifecycle rule that applies; null: none does.' })
  rule!: string | null;
  @Field(() => [ID], { description: 'Ids of the source records that determine the state.' })
  recordIds!: readonly string[];
  @Field(() => InstantScalar, { nullable: true, description: 'Time since which the state applies; null: no date determines it.' })
  since!: string | null;
  @Field(() => NextChangeType, { nullable: true, description: 'Next change of state that follows without new facts; null: none is known.' })
  next!: NextChangeType | null;
  @Field(() => InactivityType, { nullable: true, description: 'Inactivity of the person; null: the policy does not limit it, or nothing is known yet.' })
  inactivity?: InactivityType | null;
}

@ObjectType('Workflow', { description: 'Identity lifecycle workflow in Temporal. For administrators, operators and auditors.' })
export class WorkflowType {
  @Field(() => String, { description: 'Workflow id.' })
  id!: string;
  @Field(() => String, { nullable: true, description: 'URL of the workflow in the Temporal UI; null: its address is not configured.' })
  url!: string | null;
}

@ObjectType('AssertedGroups', { description: 'Groups that one login source asserts for a person.' })
export class AssertedGroupsType {
  @Field(() => String, { description: 'Name of the source.' })
  source!: string;
  @Field(() => [String], { description: 'Names of the groups, as the source writes them.' })
  groups!: readonly string[];
  @Field(() => ID, { description: 'Id of the source record with the groups.' })
  recordId!: string;
}

@ObjectType('RelationshipBound', { description: 'Start or end of a relationship.' })
export class RelationshipBoundType {
  @Field(() => InstantScalar, { description: 'The instant.' })
  at!: string;
  @Field(() => ID, { description: 'Id of the source record that states it.' })
  recordId!: string;
}

@ObjectType('Relationship', { description: 'Employment or contract of a person.' })
export class RelationshipType {
  @Field(() => RelationshipBoundType, { nullable: true, description: 'Start of the relationship; null: none is stated, it has always existed.' })
  start!: RelationshipBoundType | null;
  @Field(() => RelationshipBoundType, {
    nullable: true,
    description: 'End of the relationship, exclusive; null: none is known. An end that is not after the start: called off.',
  })
  end!: RelationshipBoundType | null;
}

@ObjectType('Identity', {
  description:
    'Person: the merged facts of all sources, the access that follows from them, and its accounts. Visible to administrators, operators and auditors; a person can read their own, except for the fields that say otherwise.',
})
export class IdentityType {
  @Field(() => ID, { description: 'Id of the identity.' })
  id!: string;
  @Field(() => String, {
    description: "User name, unique: the name of the person's accounts. It changes only when it is released after the person has left (releaseUserName).",
  })
  userName!: string;
  @Field(() => UserTypeEnum, { description: 'Type of the user.' })
  userType!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state.' })
  state!: string;
  @Field(() => LifecycleType, { nullable: true, description: 'Lifecycle state with its reason; null: no decision was made yet.' })
  lifecycle!: LifecycleType | null;
  @Field(() => String, { description: "IANA name of the time zone in which the person's days begin and end." })
  timeZone!: string;
  @Field(() => [RelationshipType], { description: 'Employments and contracts, as authoritative sources report them.' })
  relationships!: readonly RelationshipType[];
  @Field(() => InstantScalar, { description: 'Time at which Tenure created the identity.' })
  createdAt!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time of the last login, or of the last activity that a target reports; null: none was observed.',
  })
  lastActivityAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last decision; null: no decision was made yet.' })
  decidedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Configuration version of the last decision; null: no decision was made yet.' })
  policyVersion!: number | null;
  @Field(() => Int, { description: 'Number of evaluations of access so far; a higher number means that the person may have changed.' })
  revision!: number;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the next decision that is planned without new facts; null: none.' })
  nextWakeUp!: string | null;
}

export const IdentityConnection = connectionType('Identity', 'people', () => IdentityType);

@InputType({ description: 'Conditions on people; a person has to meet all of them. An absent condition is not checked.' })
export class IdentityFilter {
  @Field(() => [LifecycleStateEnum], { nullable: true, description: 'Lifecycle states. Absent: any.' })
  states?: readonly string[] | null;
  @Field(() => [UserTypeEnum], { nullable: true, description: 'User types. Absent: any.' })
  userTypes?: readonly string[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of a role or entitlement: only people with this grant now. An unknown name is refused with INPUT_INVALID. Absent: any.',
  })
  grant?: string | null;
}
