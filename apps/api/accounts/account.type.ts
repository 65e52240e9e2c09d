import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { AccountStateEnum, AspectEnum, VerdictEnum } from '../graphql/enums.ts';
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
  @Field(() => Boolean, { nullable: true, description: 'true: the account can log in (SCIM active); null: not reported by the target.' })
  enabled!: boolean | null;
  @Field(() => JsonScalar)
  attributes!: unknown;
  @Field(() => [String])
  entitlements!: readonly string[];
}

@ObjectType('Observation', { description: 'Observed state of one aspect of an account, from the last reading of the target.' })
export class ObservationType {
  @Field(() => AspectEnum)
  aspect!: string;
  @Field(() => String, { description: "Name of the attribute or group; '' for existence and state." })
  name!: string;
  @Field(() => VerdictEnum)
  verdict!: string;
  @Field(() => String, { description: 'Code of the answer, such as shown, others-shown, nothing-shown, not-filtered or other-value.' })
  evidence!: string;
  @Field(() => Int, { description: 'Number of consecutive equal readings with the same desired state; 1 where the desired state is observed.' })
  readings!: number;
  @Field(() => InstantScalar, { description: 'Time of the first of these equal readings.' })
  since!: string;
  @Field(() => String, { description: 'Correlation id of the run that read it.' })
  run!: string;
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
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'When the desired state was carried out though the target cannot show all of it; null: confirmed, or under way.',
  })
  notVisibleAt!: string | null;
  @Field(() => InstantScalar, { description: 'Since when what is wanted has been wanted.' })
  desiredSince!: string;
}
