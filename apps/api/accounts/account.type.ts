import { Field, ID, ObjectType } from '@nestjs/graphql';
import { AccountStateEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('DesiredAccount', { description: 'What should be true of an account.' })
export class DesiredAccountType {
  @Field(() => AccountStateEnum)
  state!: string;
  @Field(() => String)
  userName!: string;
  @Field(() => JsonScalar)
  attributes!: unknown;
  @Field(() => [String], { description: 'As the target calls them.' })
  entitlements!: readonly string[];
}

@ObjectType('ObservedAccount', { description: 'What the target said of an account when it was last read.' })
export class ObservedAccountType {
  @Field(() => ID)
  nativeId!: string;
  @Field(() => String)
  userName!: string;
  @Field(() => String, { nullable: true })
  externalId!: string | null;
  @Field(() => Boolean)
  enabled!: boolean;
  @Field(() => JsonScalar)
  attributes!: unknown;
  @Field(() => [String])
  entitlements!: readonly string[];
}

@ObjectType('Account', { description: "A person's account in one target: what is wanted and what was seen, side by side." })
export class AccountType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  target!: string;
  @Field(() => String)
  targetTitle!: string;
  @Field(() => String)
  userName!: string;
  @Field(() => ID, { nullable: true, description: "The target's own id." })
  nativeId!: string | null;
  @Field(() => DesiredAccountType)
  desired!: DesiredAccountType;
  @Field(() => ObservedAccountType, { nullable: true, description: 'null: it was not there, or was never read.' })
  observed!: ObservedAccountType | null;
  @Field(() => InstantScalar, { nullable: true })
  observedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'When reading back first showed exactly what is wanted; null while it does not.' })
  confirmedAt!: string | null;
  @Field(() => Boolean)
  isConfirmed!: boolean;
  @Field(() => InstantScalar, { description: 'Since when what is wanted has been wanted.' })
  desiredSince!: string;
}
