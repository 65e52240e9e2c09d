import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum, LifecycleStateEnum } from '../enums.ts';

@InputType({ description: 'File of the folder policy/.' })
export class PolicyFileInput {
  @Field(() => String, { description: 'Name of the file, such as access.yaml.' })
  name!: string;
  @Field(() => String, { description: 'Content of the file, YAML.' })
  content!: string;
}

@ObjectType('PlannedDifference', { description: 'Grant that a rule would add to some people, or remove from them.' })
export class PlannedDifferenceType {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { description: 'Name of the rule, or the asserted group as source/group.' })
  origin!: string;
  @Field(() => Int, { description: 'Number of people.' })
  people!: number;
  @Field(() => [ID], { description: 'Ids of some of these people.' })
  examples!: readonly string[];
}

@ObjectType('PlannedLifecycleChange', {
  description: 'Lifecycle change of some people, apart from their grants: another state, or accounts that would be created early, disabled or deleted.',
})
export class PlannedLifecycleChangeType {
  @Field(() => String, { nullable: true, description: 'Name of the lifecycle rule that would apply; null: none would.' })
  rule!: string | null;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state today.' })
  from!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state then.' })
  to!: string;
  @Field(() => String, {
    description:
      'Account state today: enabled, disabled, absent, keep-disabled (disabled where it exists, never created), absent-unless-used (deleted unless it was ever in use, else disabled).',
  })
  accountsFrom!: string;
  @Field(() => String, { description: 'Account state then, with the same values.' })
  accountsTo!: string;
  @Field(() => Int, { description: 'Number of people.' })
  people!: number;
  @Field(() => [ID], { description: 'Ids of some of these people.' })
  examples!: readonly string[];
}

@ObjectType('PlannedSeparation', { description: 'Separation-of-duties rule that would newly withhold grants from some people.' })
export class PlannedSeparationType {
  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;
  @Field(() => Int, { description: 'Number of people.' })
  people!: number;
  @Field(() => [ID], { description: 'Ids of some of these people.' })
  examples!: readonly string[];
}

@ObjectType('PolicyPlan', { description: 'Changes of access of all people under another policy, compared with the version in force. Nothing is stored.' })
export class PolicyPlanType {
  @Field(() => String, { description: 'Digest of the plan. It changes when the policy, or the people who would change, do. For npm run policy -- apply.' })
  digest!: string;
  @Field(() => Int, { description: 'Configuration version that the plan is compared with.' })
  version!: number;
  @Field(() => Int, { description: 'Number of all people.' })
  people!: number;
  @Field(() => Int, { description: 'Number of people with a change of grants or lifecycle.' })
  changed!: number;
  @Field(() => [PlannedDifferenceType], { description: 'Grants that people would gain, the largest number first.' })
  gains!: readonly PlannedDifferenceType[];
  @Field(() => [PlannedDifferenceType], { description: 'Grants that people would lose, the largest number first.' })
  losses!: readonly PlannedDifferenceType[];
  @Field(() => [PlannedLifecycleChangeType], { name: 'lifecycleChanges', description: 'Lifecycle changes, the largest number first.' })
  lives!: readonly PlannedLifecycleChangeType[];
  @Field(() => [PlannedSeparationType], { name: 'separations', description: 'Separation-of-duties rules that would newly withhold grants.' })
  withheld!: readonly PlannedSeparationType[];
}
