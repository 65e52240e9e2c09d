import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { InactivityStatusEnum, LifecycleStateEnum, UserTypeEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('Attribute', { description: 'A merged attribute with where it came from.' })
export class AttributeType {
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => JsonScalar)
  value!: unknown;
  @Field(() => String, { description: 'The source that was believed.' })
  source!: string;
  @Field(() => ID)
  recordId!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When that record was last recorded.' })
  recordedAt!: string | null;
}

@ObjectType('NextChange')
export class NextChangeType {
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
}

@ObjectType('Inactivity', { description: 'How long somebody has not been heard of, where policy watches over it.' })
export class InactivityType {
  @Field(() => InstantScalar, { description: 'From when it counts: the end of the last day of which something was heard, or from when on it was watched.' })
  since!: string;
  @Field(() => InactivityStatusEnum, { name: 'status' })
  standing!: string;
  @Field(() => InstantScalar, { nullable: true })
  warnAt!: string | null;
  @Field(() => InstantScalar)
  disableAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  removeAt!: string | null;
}

@ObjectType('Lifecycle', { description: 'Where a life stands, and why.' })
export class LifecycleType {
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => String, { description: 'A sentence.' })
  why!: string;
  @Field(() => String, { nullable: true, description: 'The lifecycle rule that applied.' })
  rule!: string | null;
  @Field(() => [ID])
  recordIds!: readonly string[];
  @Field(() => InstantScalar, { nullable: true })
  since!: string | null;
  @Field(() => NextChangeType, { nullable: true, description: 'When it changes by itself, and to what.' })
  next!: NextChangeType | null;
  @Field(() => InactivityType, { nullable: true })
  inactivity?: InactivityType | null;
}

@ObjectType('Workflow', { description: 'A life in Temporal.' })
export class WorkflowType {
  @Field(() => String)
  id!: string;
  @Field(() => String, { nullable: true, description: 'Its page in the Temporal UI; null where its address is not configured.' })
  url!: string | null;
}

@ObjectType('AssertedGroups')
export class AssertedGroupsType {
  @Field(() => String)
  source!: string;
  @Field(() => [String])
  groups!: readonly string[];
  @Field(() => ID)
  recordId!: string;
}

@ObjectType('RelationshipBound', { description: 'Where a relationship begins or ends, and the record that says so.' })
export class RelationshipBoundType {
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => ID)
  recordId!: string;
}

@ObjectType('Relationship', { description: 'One employment or contract.' })
export class RelationshipType {
  @Field(() => RelationshipBoundType, { nullable: true, description: 'null: always has been.' })
  start!: RelationshipBoundType | null;
  @Field(() => RelationshipBoundType, { nullable: true, description: 'Exclusive; null: goes on. Not after the start: called off.' })
  end!: RelationshipBoundType | null;
}

@ObjectType('Identity', { description: 'A person: everything the sources say, merged, and what follows from it.' })
export class IdentityType {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { description: "Unique, and never changed: the name of the person's accounts." })
  userName!: string;
  @Field(() => UserTypeEnum)
  userType!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => LifecycleType, { nullable: true, description: 'null before the first decision.' })
  lifecycle!: LifecycleType | null;
  @Field(() => String, { description: "IANA name of the zone in which the person's days begin and end." })
  timeZone!: string;
  @Field(() => [RelationshipType], { description: 'Employments and contracts, as authoritative sources report them.' })
  relationships!: readonly RelationshipType[];
  @Field(() => InstantScalar, { description: 'When Tenure first knew the person.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When a login, or a target that reports it, last showed the person; null: never yet.' })
  lastActivityAt!: string | null;
  @Field(() => InstantScalar, { nullable: true })
  decidedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Of the last decision.' })
  policyVersion!: number | null;
  @Field(() => Int, { description: 'Counts decisions.' })
  revision!: number;
  @Field(() => InstantScalar, { nullable: true, description: 'When Tenure asks again though nothing happens.' })
  nextWakeUp!: string | null;
}

export const IdentityConnection = connectionType('Identity', () => IdentityType);

@InputType()
export class IdentityFilter {
  @Field(() => [LifecycleStateEnum], { nullable: true })
  states?: readonly string[] | null;
  @Field(() => [UserTypeEnum], { nullable: true })
  userTypes?: readonly string[] | null;
  @Field(() => String, { nullable: true, description: 'Holds this role or entitlement now.' })
  grant?: string | null;
}
