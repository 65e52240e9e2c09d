import { Field, ID, ObjectType } from '@nestjs/graphql';
import { GrantAtType } from '../grants/grant.type.ts';
import { ChangeKindEnum, LifecycleStateEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('WithheldGrants', { description: 'Grants that a separation-of-duties rule withholds from a person.' })
export class WithheldGrantsType {
  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements in conflict.' })
  names!: readonly string[];
  @Field(() => [String], { description: 'Names of the roles and entitlements that are withheld.' })
  withheld!: readonly string[];
}

@ObjectType('PlannedChange', { description: 'Change that would be made in a target.' })
export class PlannedChangeType {
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => String, { description: 'Display name of the target.' })
  targetTitle!: string;
  @Field(() => ChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
  @Field(() => String, { nullable: true, description: 'Name in the target of the entitlement that would be added or removed; null: another kind of change.' })
  entitlement!: string | null;
  @Field(() => [String], { description: 'Names of the attributes that would be written.' })
  attributes!: readonly string[];
}

@ObjectType('AccessAt', { description: 'Access of a person at an instant. For administrators, operators and auditors.' })
export class AccessAtType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => InstantScalar, { description: 'Instant that was queried.' })
  instant!: string;
  @Field(() => Boolean, { description: 'True: computed from what is known today, since the instant lies ahead. False: read from what was recorded.' })
  isForecast!: boolean;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Lifecycle state at the instant; null: the person was not known then.' })
  state!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason for the lifecycle state, a sentence; null: the person was not known then.' })
  why!: string | null;
  @Field(() => [GrantAtType], { description: 'Grants at the instant, in the order of names.' })
  grants!: readonly GrantAtType[];
}

@ObjectType('AccessSimulation', {
  description:
    'Access that a person would have with other facts or at another instant, compared with today. Nothing is stored. For administrators, operators and auditors.',
})
export class AccessSimulationType {
  @Field(() => InstantScalar, { description: 'Instant that was simulated.' })
  at!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state that the person would have.' })
  state!: string;
  @Field(() => String, { description: 'Reason for the lifecycle state, a sentence.' })
  why!: string;
  @Field(() => [GrantAtType], { description: 'Grants that the person would have then and does not have today.' })
  gained!: readonly GrantAtType[];
  @Field(() => [GrantAtType], { description: 'Grants that the person has today and would not have then.' })
  lost!: readonly GrantAtType[];
  @Field(() => [GrantAtType], { description: 'Grants that the person has today and would have then.' })
  kept!: readonly GrantAtType[];
  @Field(() => [WithheldGrantsType], { description: 'Grants that separation-of-duties rules would withhold.' })
  withheld!: readonly WithheldGrantsType[];
  @Field(() => [PlannedChangeType], { description: 'Changes that would be made in all targets, computed from the last observed state of each account.' })
  changes!: readonly PlannedChangeType[];
  @Field(() => InstantScalar, { nullable: true, description: 'Next instant at which the decision would change without new facts; null: none.' })
  nextWakeUp!: string | null;
}

@ObjectType('ForecastChange', { description: 'Instant at which the access of a person changes without new facts.' })
export class ForecastChangeType {
  @Field(() => InstantScalar, { description: 'The instant.' })
  at!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state from then on.' })
  state!: string;
  @Field(() => String, { description: 'Reason for the lifecycle state, a sentence.' })
  why!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements that the person gains.' })
  gained!: readonly string[];
  @Field(() => [String], { description: 'Names of the roles and entitlements that the person loses.' })
  lost!: readonly string[];
}
