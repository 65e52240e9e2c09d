import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { PersonNameType } from './person-name.type.ts';

@ObjectType('BreakGlassReview', { description: 'Review of break-glass access.' })
export class BreakGlassReviewType {
  @Field(() => Boolean, { description: 'True if the access was justified.' })
  isJustified!: boolean;
  @Field(() => String, { description: 'Comment of the reviewer. Empty for the person who took the access.' })
  comment!: string;
  @Field(() => PersonNameType, { nullable: true, description: 'Reviewer; null: a service token of an operator.' })
  by!: PersonNameType | null;
  @Field(() => InstantScalar, { description: 'Time of the review.' })
  at!: string;
}

@ObjectType('BreakGlassOption', { description: 'Role or entitlement that you may take at once as break-glass access, with a review afterwards.' })
export class BreakGlassOptionType {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the role or entitlement.' })
  title!: string;
  @Field(() => String, { name: 'maximumDuration', description: 'Maximum duration, ISO 8601. It cannot be extended.' })
  longest!: string;
  @Field(() => [String], { description: 'Names of the separation-of-duties rules that it would violate while it lasts.' })
  violatedRules!: readonly string[];
}

@InputType({ description: 'Break-glass access that you take for yourself.' })
export class BreakGlassInput {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: 'role' | 'entitlement';
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'Duration, ISO 8601, such as PT2H. Absent: the maximum of the policy.' })
  duration?: string | null;
  @Field(() => String, { description: 'Justification of the urgency, 1 to 1000 characters. All reviewers and notified people can read it.' })
  justification!: string;
}
