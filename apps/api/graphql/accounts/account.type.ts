import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { AccountStateEnum, AccountStatusEnum, AspectEnum, VerdictEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('DesiredAccount', { description: 'Desired state of an account.' })
export class DesiredAccountType {
  @Field(() => AccountStateEnum, { description: 'Desired account state.' })
  state!: string;
  @Field(() => String, { description: 'Desired user name.' })
  userName!: string;
  @Field(() => JsonScalar, { description: 'Attributes by their names in the target.' })
  attributes!: unknown;
  @Field(() => [String], { description: 'Entitlements by their names in the target.' })
  entitlements!: readonly string[];
}

@ObjectType('ObservedAccount', { description: 'State of an account in the last observation.' })
export class ObservedAccountType {
  @Field(() => ID, { description: 'Id of the account in the target.' })
  nativeId!: string;
  @Field(() => String, { description: 'User name of the account.' })
  userName!: string;
  @Field(() => String, { nullable: true, description: 'External id that the target stores (SCIM externalId); null: none.' })
  externalId!: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True: the account can be used (SCIM active); null: the target does not report it.' })
  enabled!: boolean | null;
  @Field(() => JsonScalar, { description: 'Attributes by their names in the target.' })
  attributes!: unknown;
  @Field(() => [String], { description: 'Entitlements by their names in the target.' })
  entitlements!: readonly string[];
}

@ObjectType('ObservedAspect', {
  description: 'Observed state of one aspect of an account, from the last observation. For administrators, operators and auditors.',
})
export class ObservationType {
  @Field(() => AspectEnum, { description: 'Aspect of the account.' })
  aspect!: string;
  @Field(() => String, { description: 'Name of the attribute or group; empty for existence and state.' })
  name!: string;
  @Field(() => VerdictEnum, { description: 'Result of the observation.' })
  verdict!: string;
  @Field(() => String, {
    description:
      'Code of the answer of the target. Memberships: shown, others-shown (other members only), nothing-shown (no member at all), no-such-group, not-filtered (the filter was ignored), former-name, incomplete, not-supported. Others: read, other-value, nothing-shown, not-supported.',
  })
  evidence!: string;
  @Field(() => Int, {
    name: 'count',
    description: 'Number of consecutive equal observations with the same desired state; 1 where the desired state is observed.',
  })
  readings!: number;
  @Field(() => InstantScalar, { description: 'Time of the first of these equal observations.' })
  since!: string;
  @Field(() => String, { description: 'Correlation id of the run that observed it.' })
  run!: string;
}

@ObjectType('Account', { description: 'Account of a person in one target: the desired state next to the observed state.' })
export class AccountType {
  @Field(() => ID, { description: "Tenure's id of the account." })
  id!: string;
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => String, { description: 'Display name of the target.' })
  targetTitle!: string;
  @Field(() => String, { description: 'User name of the account in the target.' })
  userName!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the account in the target (SCIM id, LDAP entryUUID or the like); null: the account does not exist there, or its id is not known yet.',
  })
  nativeId!: string | null;
  @Field(() => DesiredAccountType, { description: 'Desired state of the account.' })
  desired!: DesiredAccountType;
  @Field(() => ObservedAccountType, {
    nullable: true,
    description: 'State of the account in the last observation; null: the account did not exist then, or was never observed.',
  })
  observed!: ObservedAccountType | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last observation; null: never observed.' })
  observedAt!: string | null;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time at which an observation first showed the whole desired state; null: not confirmed.',
  })
  confirmedAt!: string | null;
  @Field(() => AccountStatusEnum, { description: 'Status between the desired and the observed state.' })
  status!: string;
  @Field(() => Boolean, { description: 'True if the last observation showed the whole desired state.' })
  isConfirmed!: boolean;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time at which the desired state was provisioned although the target cannot show all of it; null: confirmed, or provisioning is not finished.',
  })
  notVisibleAt!: string | null;
  @Field(() => InstantScalar, {
    nullable: true,
    description:
      'Time since which a reconciliation run has shown changes by others whose correction is not approved; null: none are known, or the target is only observed.',
  })
  driftedAt!: string | null;
  @Field(() => InstantScalar, { description: 'Time at which the current desired state was set.' })
  desiredSince!: string;
}
