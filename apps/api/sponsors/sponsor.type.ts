import { Field, ID, ObjectType } from '@nestjs/graphql';
import { ExtensionOutcomeEnum, LifecycleStateEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Sponsorship', { description: 'Who answers for a person.' })
export class SponsorshipType {
  @Field(() => ID, { nullable: true, description: 'null: nobody who is there was found; a case tells the operators.' })
  sponsorId!: string | null;
  @Field(() => String, { nullable: true })
  sponsorName!: string | null;
  @Field(() => String, { description: 'Whether they are named, or in whose place they answer.' })
  why!: string;
  @Field(() => InstantScalar)
  since!: string;
}

@ObjectType('SponsoredPerson', { description: 'Somebody for whom you answer.' })
export class SponsoredPersonType {
  @Field(() => ID, { description: 'For extendContract.' })
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => String, { description: 'Whether you are named, or in whose place you answer.' })
  why!: string;
  @Field(() => InstantScalar)
  since!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When their contract ends, where you may make that later.' })
  endsAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'The latest end that policy lets you give it; a last day ends as the next one begins.' })
  latestEndsAt!: string | null;
}

@ObjectType('ContractExtension', { description: 'What extendContract came to.' })
export class ContractExtensionType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => ExtensionOutcomeEnum)
  outcome!: string;
  @Field(() => InstantScalar)
  endsAt!: string;
}
