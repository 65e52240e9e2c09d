import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ObservationType } from '../accounts/account.type.ts';
import { AccountStateEnum, CertificateOutcomeEnum, ChangeKindEnum, LifecycleStateEnum, ObservedStateEnum, OperationStatusEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('CertifiedReading', { description: "One look at a leaver's account." })
export class CertifiedReadingType {
  @Field(() => ID)
  id!: string;
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => ObservedStateEnum, { name: 'observed' })
  found!: string;
  @Field(() => [String], { description: 'What the account held there, as the target calls it.' })
  entitlements!: readonly string[];
  @Field(() => Boolean, { name: 'matchesDesired' })
  isAsWanted!: boolean;
}

@ObjectType('CertifiedOperation', { description: 'What could not be done, yet or ever.' })
export class CertifiedOperationType {
  @Field(() => ID)
  id!: string;
  @Field(() => ChangeKindEnum)
  change!: string;
  @Field(() => OperationStatusEnum)
  status!: string;
  @Field(() => Int)
  attempts!: number;
  @Field(() => String, { nullable: true, description: 'The code of the last failure.' })
  error!: string | null;
}

@ObjectType('CertifiedTarget', { description: 'What is certified of the account in one target.' })
export class CertifiedTargetType {
  @Field(() => String)
  target!: string;
  @Field(() => String)
  title!: string;
  @Field(() => AccountStateEnum, { name: 'desired' })
  wanted!: string;
  @Field(() => InstantScalar, { name: 'desiredSince' })
  wantedSince!: string;
  @Field(() => CertificateOutcomeEnum)
  outcome!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When reading back first showed it.' })
  confirmedAt!: string | null;
  @Field(() => InstantScalar, {
    name: 'nextReadingAt',
    nullable: true,
    description: 'When it is read once more; null: that was done, or nothing is to be repeated.',
  })
  lookAgainAt!: string | null;
  @Field(() => [CertifiedReadingType], { description: 'Since the end, the oldest first.' })
  readings!: readonly CertifiedReadingType[];
  @Field(() => [ObservationType], { description: 'Observations of the last reading: evidence of the observed state, and aspects that the target cannot show.' })
  observations!: readonly ObservationType[];
  @Field(() => [CertifiedOperationType])
  open!: readonly CertifiedOperationType[];
}

@ObjectType('LeaverCertificate', { description: "What Tenure vouches for about the end of somebody's time." })
export class LeaverCertificateType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => InstantScalar)
  issuedAt!: string;
  @Field(() => LifecycleStateEnum)
  state!: string;
  @Field(() => InstantScalar, { description: 'When the end was decided, with which sessions ended.' })
  endedAt!: string;
  @Field(() => String)
  why!: string;
  @Field(() => Int)
  sessionsEnded!: number;
  @Field(() => Boolean, { description: 'Whether every target is confirmed and no second look is to come.' })
  isComplete!: boolean;
  @Field(() => [CertifiedTargetType])
  targets!: readonly CertifiedTargetType[];
  @Field(() => String, { description: 'The same, signed: a JWS in compact form (RFC 7515), EdDSA. The public key is at /certificates/keys.' })
  jws!: string;
  @Field(() => String, { description: 'The same on paper, with the signed form attached.' })
  pdfUrl!: string;
}
