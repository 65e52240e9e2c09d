import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum, OriginKindEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Origin', { description: 'Reason for a grant. A grant is in force while at least one of its origins is.' })
export class OriginType {
  @Field(() => OriginKindEnum, { description: 'Kind of the origin.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the rule, source/group, or id of the request.' })
  name!: string;
  @Field(() => String, { description: 'The reason as a sentence.' })
  sentence!: string;
  @Field(() => Int, { description: 'Configuration version of the decision.' })
  policyVersion!: number;
  @Field(() => String, { nullable: true, description: 'Name of the role that contains the entitlement; null: the grant is direct.' })
  viaRole!: string | null;
  @Field(() => [ID], { description: 'Ids of the source records that determine the decision.' })
  recordIds!: readonly string[];
  @Field(() => [String], { description: 'Names of the sources of these records.' })
  sources!: readonly string[];
  @Field(() => InstantScalar, { description: 'Begin of the origin.' })
  validFrom!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the origin; null: none is known.' })
  validUntil!: string | null;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time since which the rule no longer applies while its grace period runs: the grant will be removed; null: the rule applies.',
  })
  endingSince?: string | null;
}

@ObjectType('GrantAt', { description: 'Role or entitlement of a person at an instant, with all reasons for it.' })
export class GrantAtType {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the role or entitlement.' })
  title!: string;
  @Field(() => String, { nullable: true, description: 'Name of the target of an entitlement; null: a role.' })
  target!: string | null;
  @Field(() => String, { nullable: true, description: 'Display name of the target of an entitlement; null: a role.' })
  targetTitle!: string | null;
  @Field(() => [OriginType], { description: 'Reasons for the grant. It ends with the last of them.' })
  origins!: readonly OriginType[];
  @Field(() => InstantScalar, { description: 'Begin of the grant: the earliest begin of its origins.' })
  validFrom!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Known end of the grant: the latest end of its origins, or the termination of the person if that is earlier; null: neither is known.',
  })
  validUntil!: string | null;
}

@ObjectType('Grant', { description: 'Role or entitlement of a person, with all reasons for it.' })
export class GrantType extends GrantAtType {
  @Field(() => ID, { description: 'Id of the grant.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time at which Tenure decided the grant.' })
  grantedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the grant ended; null: it is in force, or will be from validFrom on.' })
  endedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason of the end, a sentence; null: the grant has not ended.' })
  endReason!: string | null;
}
