import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ObservationType } from '../accounts/account.type.ts';
import {
  AccountStateEnum,
  CertificateOutcomeEnum,
  ChangeKindEnum,
  LifecycleStateEnum,
  LogoutNoticeStatusEnum,
  ObservedStateEnum,
  OperationStatusEnum,
} from '../enums.ts';
import { FindingKindEnum, ReconciliationVerdictEnum } from '../reconciliation/reconciliation.enums.ts';
import { TargetModeEnum } from '../targets/target.type.ts';
import { InstantScalar } from '../scalars.ts';
import { UsualLength } from '../../server/limits.ts';

@ObjectType('CertifiedObservation', { description: "Observation of a leaver's account in a target." })
export class CertifiedReadingType {
  @Field(() => ID, { description: 'Id of the observation.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time of the observation.' })
  at!: string;
  @Field(() => ObservedStateEnum, { name: 'observed', description: 'Observed state of the account.' })
  found!: string;
  @Field(() => [String], { description: 'Entitlements of the account in the observation, by their names in the target.' })
  entitlements!: readonly string[];
  @Field(() => Boolean, { name: 'matchesDesired', description: 'True if the observation shows the desired state.' })
  isAsWanted!: boolean;
}

@ObjectType('CertifiedOperation', { description: 'Operation of a leaver that is not carried out.' })
export class CertifiedOperationType {
  @Field(() => ID, { description: 'Id of the operation.' })
  id!: string;
  @Field(() => ChangeKindEnum, { description: 'Kind of change.' })
  change!: string;
  @Field(() => OperationStatusEnum, { description: 'Status of the operation.' })
  status!: string;
  @Field(() => Int, { description: 'Number of attempts.' })
  attempts!: number;
  @Field(() => String, { nullable: true, description: 'Code of the last failure; null: no attempt failed.' })
  error!: string | null;
}

@ObjectType('CertifiedTarget', { description: "Certified state of a leaver's account in one target." })
export class CertifiedTargetType {
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => ID, { description: 'Id of the identity whose account it is: that of the person, or one that was merged into it.' })
  identityId!: string;
  @Field(() => String, { description: 'Display name of the target.' })
  title!: string;
  @Field(() => AccountStateEnum, { name: 'desired', description: 'Desired state of the account.' })
  wanted!: string;
  @Field(() => InstantScalar, { name: 'desiredSince', description: 'Time at which the current desired state was set.' })
  wantedSince!: string;
  @Field(() => CertificateOutcomeEnum, { description: 'Result of the deprovisioning.' })
  outcome!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which an observation first showed the desired state; null: not confirmed.' })
  confirmedAt!: string | null;
  @Field(() => InstantScalar, {
    name: 'nextObservationAt',
    nullable: true,
    description: 'Time of the next observation, which repeats the confirmation; null: it was repeated, or none is planned.',
  })
  lookAgainAt!: string | null;
  @Field(() => [CertifiedReadingType], { name: 'observations', description: 'Observations since the termination, the oldest first.' })
  readings!: readonly CertifiedReadingType[];
  @Field(() => [ObservationType], {
    name: 'observedAspects',
    description: 'Aspects of the last observation with their evidence, among them those that the target cannot show.',
  })
  observations!: readonly ObservationType[];
  @Field(() => [CertifiedOperationType], { description: 'Operations that are not carried out.' })
  open!: readonly CertifiedOperationType[];
}

@ObjectType('CertifiedRun', { description: 'Reconciliation run on which a certificate rests.' })
export class CertifiedRunType {
  @Field(() => ID, { description: 'Id of the run.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time at which the run began.' })
  startedAt!: string;
  @Field(() => ReconciliationVerdictEnum, { description: 'Verdict on what it read.' })
  verdict!: string;
  @Field(() => Int, { description: 'Number of accounts that it read.' })
  accounts!: number;
  @Field(() => Boolean, {
    description: 'True if what it did not find is not there: it read the target completely, and could speak about the account of the person.',
  })
  provesAbsence!: boolean;
}

@ObjectType('CertifiedFinding', { description: 'Open finding about a leaver, as the certificate contains it.' })
export class CertifiedFindingType {
  @Field(() => ID, { description: 'Id of the finding.' })
  id!: string;
  @Field(() => FindingKindEnum, { description: 'Kind of the finding.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the group or attribute; empty for the account as a whole.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'Id of the account in the target; null: there is no account.' })
  nativeId!: string | null;
  @Field(() => String, { nullable: true, description: 'User name of an account that Tenure does not manage; null: the managed account.' })
  userName!: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True: the account is enabled; null: the target does not report it, or there is no account.' })
  enabled!: boolean | null;
  @Field(() => Boolean, { description: 'True if the person can use the account.' })
  isUrgent!: boolean;
  @Field(() => InstantScalar, { description: 'Time at which a run last showed it.' })
  lastSeenAt!: string;
}

@ObjectType('CertifiedReconciliation', { description: 'Result of reconciliation about a leaver in one target, accounts under other names included.' })
export class CertifiedReconciliationType {
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => String, { description: 'Display name of the target.' })
  title!: string;
  @Field(() => TargetModeEnum, { nullable: true, description: 'Mode of the target; null: it was not contacted yet.' })
  mode!: string | null;
  @Field(() => CertifiedRunType, {
    nullable: true,
    description: 'Last believed run after the termination; null: there was none, so accounts that Tenure does not manage are unknown.',
  })
  run!: CertifiedRunType | null;
  @Field(() => [CertifiedFindingType], { description: 'Open findings about the person, the newest first.' })
  findings!: readonly CertifiedFindingType[];
}

@ObjectType('CertifiedApplicationSession', { description: "End of a leaver's session at an application." })
export class CertifiedSessionType {
  @Field(() => ID, { description: 'Id of the session.' })
  id!: string;
  @Field(() => String, { description: 'Name of the application in tenure.yaml.' })
  application!: string;
  @Field(() => String, { description: 'Display name of the application.' })
  title!: string;
  @Field(() => ID, { description: 'Id of the identity whose session it was: that of the person, or one that was merged into it.' })
  identityId!: string;
  @Field(() => InstantScalar, { description: 'Time at which the session began.' })
  beganAt!: string;
  @Field(() => InstantScalar, { description: 'Time at which Tenure ended the session.' })
  endedAt!: string;
  @Field(() => LogoutNoticeStatusEnum, { description: 'Result of the notification of the application.' })
  outcome!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the application confirmed the end; null: it has not.' })
  confirmedAt!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Code of the answer of the application, or of the reason for which there is none; null: it was not notified yet.',
  })
  code!: string | null;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Latest end of the session at the application, as stated to it when the session began; null: it is known to have ended.',
  })
  openUntil!: string | null;
}

@ObjectType('OtherUserName', { description: 'User name that a person had beside the present one.' })
export class OtherUserNameType {
  @Field(() => String, { description: 'The user name. Somebody else may have it by now, if it was released.' })
  userName!: string;
  @Field(() => ID, { description: 'Id of the identity that had it.' })
  identityId!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was released for others; null: it was not.' })
  releasedAt!: string | null;
}

@ObjectType('LeaverCertificate', { description: 'Certificate of the deprovisioning of a person who has left.' })
export class LeaverCertificateType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @UsualLength(2)
  @Field(() => [OtherUserNameType], { description: 'Other user names of the person: released ones, and those of identities that were merged.' })
  otherUserNames!: readonly OtherUserNameType[];
  @Field(() => ID, { nullable: true, description: 'Id of the identity into which this one was merged; null: it was not merged.' })
  mergedInto!: string | null;
  @Field(() => InstantScalar, { description: 'Time of this certificate.' })
  issuedAt!: string;
  @Field(() => LifecycleStateEnum, { description: 'Lifecycle state of the person.' })
  state!: string;
  @Field(() => InstantScalar, { description: 'Time at which the termination was decided and the sessions ended.' })
  endedAt!: string;
  @Field(() => String, { description: 'Reason for the lifecycle state, a sentence.' })
  why!: string;
  @Field(() => Int, { description: 'Number of sessions that ended with the termination.' })
  sessionsEnded!: number;
  @Field(() => Boolean, {
    description:
      'True if every target is confirmed, no further observation is planned, reconciliation found no account that the person can use, and no session at an application can be open.',
  })
  isComplete!: boolean;
  @Field(() => [CertifiedTargetType], { description: 'Certified state of the account in each target.' })
  targets!: readonly CertifiedTargetType[];
  @Field(() => [CertifiedSessionType], {
    description: 'Sessions of the person at applications that ended with the termination, or might have outlasted it.',
  })
  applicationSessions!: readonly CertifiedSessionType[];
  @Field(() => [CertifiedReconciliationType], { description: 'Result of reconciliation about the person in each target.' })
  reconciliation!: readonly CertifiedReconciliationType[];
  @Field(() => String, { description: 'The certificate as a JWS in compact form (RFC 7515), signed with EdDSA. The public key is at /certificates/keys.' })
  jws!: string;
  @Field(() => String, { description: 'URL of the certificate as a PDF file with the signed form attached.' })
  pdfUrl!: string;
}
