import { Field, ID, ObjectType } from '@nestjs/graphql';
import { ExtensionOutcomeEnum, LifecycleStateEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Sponsorship', { description: 'Sponsor of a person. For administrators, operators and auditors.' })
export class SponsorshipType {
  @Field(() => ID, { nullable: true, description: 'Id of the sponsor; null: no sponsor was found, and a case SPONSOR_MISSING is open.' })
  sponsorId!: string | null;
  @Field(() => String, { nullable: true, description: 'Display name of the sponsor; null: no sponsor was found.' })
  sponsorName!: string | null;
  @Field(() => String, { description: 'Reason why this person is the sponsor: named, or replacing a sponsor who has left. A sentence.' })
  why!: string;
  @Field(() => InstantScalar, { description: 'Time since which this person is the sponsor.' })
  since!: string;
}

@ObjectType('SponsoredPerson', { description: 'Person whose sponsor you are. Only you see it here.' })
export class SponsoredPersonType {
  @Field(() => ID, { description: 'Id of the person, for extendContract.' })
  id!: string;
  @Field(() => String, { description: 'Display name of the person.' })
  name!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state of the person.' })
  state!: string;
  @Field(() => String, { description: 'Reason why you are the sponsor: named, or replacing a sponsor who has left. A sentence.' })
  why!: string;
  @Field(() => InstantScalar, { description: 'Time since which you are the sponsor.' })
  since!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the contract, where you may extend it; null: you may not, or no end is known.' })
  endsAt!: string | null;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Latest end to which the policy lets you extend the contract. A last day ends as the next one begins; null: you may not extend it.',
  })
  latestEndsAt!: string | null;
}

@ObjectType('ContractExtension', { description: 'Result of extendContract.' })
export class ContractExtensionType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => ExtensionOutcomeEnum, { description: 'Outcome of the call.' })
  outcome!: string;
  @Field(() => InstantScalar, { description: 'End of the contract.' })
  endsAt!: string;
}
