import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';
import { PersonNameType } from './person-name.type.ts';

@ObjectType('BreakGlassReview', { description: 'Whether access that was taken in an emergency was justified.' })
export class BreakGlassReviewType {
  @Field(() => Boolean)
  isJustified!: boolean;
  @Field(() => String, { description: 'Empty for the person who took the access: it was written about them.' })
  comment!: string;
  @Field(() => PersonNameType, { nullable: true, description: "null: by an operator's token." })
  by!: PersonNameType | null;
  @Field(() => InstantScalar)
  at!: string;
}

@ObjectType('BreakGlassOption', { description: 'A role or an entitlement that you can take at once, to account for it afterwards.' })
export class BreakGlassOptionType {
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => String, { name: 'maximumDuration', description: 'The longest that it lasts, ISO 8601. There is no extension.' })
  longest!: string;
  @Field(() => [String], { description: 'Rules of separation of duties that it breaks for its time.' })
  violatedRules!: readonly string[];
}

@InputType()
export class BreakGlassInput {
  @Field(() => GrantKindEnum)
  kind!: 'role' | 'entitlement';
  @Field(() => String)
  name!: string;
  @Field(() => String, { nullable: true, description: 'ISO 8601; as long as may be, unless given.' })
  duration?: string | null;
  @Field(() => String, { description: 'What the emergency is. Everybody who is told reads it.' })
  justification!: string;
}
