import { Field, ID, ObjectType } from '@nestjs/graphql';
import { GrantAtType } from '../grants/grant.type.ts';
import { ChangeKindEnum, LifecycleStateEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('WithheldGrants', { description: 'What a rule of separation of duties keeps somebody from holding.' })
export class WithheldGrantsType {
  @Field(() => String)
  rule!: string;
  @Field(() => [String], { description: 'What would be held together.' })
  names!: readonly string[];
  @Field(() => [String], { name: 'withheld' })
  heldBack!: readonly string[];
}

@ObjectType('PlannedChange', { description: 'What would be done in a target.' })
export class PlannedChangeType {
  @Field(() => String)
  target!: string;
  @Field(() => String)
  targetTitle!: string;
  @Field(() => ChangeKindEnum)
  kind!: string;
  @Field(() => String, { nullable: true, description: "The target's own name of what is given or taken." })
  entitlement!: string | null;
  @Field(() => [String], { description: 'Names of attributes that would be written.' })
  attributes!: readonly string[];
}

@ObjectType('AccessAt', { description: 'What somebody held, holds or will hold at an instant.' })
export class AccessAtType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => InstantScalar)
  instant!: string;
  @Field(() => Boolean, { description: 'Reckoned from what is known today; otherwise it is what was recorded then.' })
  isForecast!: boolean;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'null: the person was not known then.' })
  state!: string | null;
  @Field(() => String, { nullable: true, description: 'A sentence.' })
  why!: string | null;
  @Field(() => [GrantAtType], { description: 'In the order of names.' })
  grants!: readonly GrantAtType[];
}

@ObjectType('AccessSimulation', { description: 'What would follow. Nothing is written.' })
export class AccessSimulationType {
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => String, { description: 'A sentence.' })
  why!: string;
  @Field(() => [GrantAtType], { description: 'Held then and not today.' })
  gained!: readonly GrantAtType[];
  @Field(() => [GrantAtType], { description: 'Held today and not then.' })
  lost!: readonly GrantAtType[];
  @Field(() => [GrantAtType], { description: 'Held today and then.' })
  kept!: readonly GrantAtType[];
  @Field(() => [WithheldGrantsType], { description: 'By separation of duties.' })
  withheld!: readonly WithheldGrantsType[];
  @Field(() => [PlannedChangeType], { description: 'In all targets, from what was last seen there.' })
  changes!: readonly PlannedChangeType[];
  @Field(() => InstantScalar, { nullable: true, description: 'When it changes again by itself.' })
  nextWakeUp!: string | null;
}

@ObjectType('ForecastChange', { description: 'An instant at which something changes by itself.' })
export class ForecastChangeType {
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => String, { description: 'Why the life stands there, in a sentence.' })
  why!: string;
  @Field(() => [String], { description: 'Names of roles and entitlements.' })
  gained!: readonly string[];
  @Field(() => [String])
  lost!: readonly string[];
}
