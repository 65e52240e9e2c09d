import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum, LifecycleStateEnum } from '../graphql/enums.ts';

@InputType({ description: 'One file of policy/.' })
export class PolicyFileInput {
  @Field(() => String, { description: 'access.yaml' })
  name!: string;
  @Field(() => String, { description: 'YAML.' })
  content!: string;
}

@ObjectType('PlannedDifference', { description: 'What a rule would give to some people, or no longer give.' })
export class PlannedDifferenceType {
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String, { description: 'The rule, or the asserted group as source/group.' })
  origin!: string;
  @Field(() => Int)
  people!: number;
  @Field(() => [ID], { description: 'Some of them.' })
  examples!: readonly string[];
}

@ObjectType('PlannedLifecycleChange', { description: 'Whose life would stand elsewhere, whatever they hold: accounts made ahead, disabled or deleted.' })
export class PlannedLifecycleChangeType {
  @Field(() => String, { nullable: true, description: 'The lifecycle rule that would apply.' })
  rule!: string | null;
  @Field(() => LifecycleStateEnum)
  from!: string;
  @Field(() => LifecycleStateEnum)
  to!: string;
  @Field(() => String, { description: 'How accounts stand today: enabled, disabled, absent, absent-unless-used, keep-disabled.' })
  accountsFrom!: string;
  @Field(() => String, { description: 'How they would stand then.' })
  accountsTo!: string;
  @Field(() => Int)
  people!: number;
  @Field(() => [ID], { description: 'Some of them.' })
  examples!: readonly string[];
}

@ObjectType('PlannedSeparation', { description: 'Whom a rule of separation of duties would newly keep from something.' })
export class PlannedSeparationType {
  @Field(() => String)
  rule!: string;
  @Field(() => Int)
  people!: number;
  @Field(() => [ID], { description: 'Some of them.' })
  examples!: readonly string[];
}

@ObjectType('PolicyPlan', { description: 'What a policy would change over everybody, beside the version in force. Nothing is written.' })
export class PolicyPlanType {
  @Field(() => String, { description: 'Another one when the policy, or the people whom it would change, are others. npm run policy -- apply asks for it.' })
  digest!: string;
  @Field(() => Int, { description: 'The version that it is compared with.' })
  version!: number;
  @Field(() => Int, { description: 'Everybody.' })
  people!: number;
  @Field(() => Int, { description: 'How many of them would gain or lose something, or stand elsewhere in their life.' })
  changed!: number;
  @Field(() => [PlannedDifferenceType], { description: 'The largest first.' })
  gains!: readonly PlannedDifferenceType[];
  @Field(() => [PlannedDifferenceType], { description: 'The largest first.' })
  losses!: readonly PlannedDifferenceType[];
  @Field(() => [PlannedLifecycleChangeType], { name: 'lifecycleChanges', description: 'The largest first.' })
  lives!: readonly PlannedLifecycleChangeType[];
  @Field(() => [PlannedSeparationType], { name: 'separations' })
  heldBack!: readonly PlannedSeparationType[];
}
