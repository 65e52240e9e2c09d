import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { LogoutNoticeStatusEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { UsualLength } from '../../server/limits.ts';

/** Fields that all kinds of sessions have. */
@ObjectType({ isAbstract: true })
class CredentialFields {
  @Field(() => ID, { description: 'Id of the session or token.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time at which it began.' })
  createdAt!: string;
  @Field(() => InstantScalar, { description: 'Absolute end, regardless of use.' })
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last use, to the minute; null: never used.' })
  lastUsedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was ended; null: it was not, though it may have expired.' })
  endedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason for which it was ended; null: it was not.' })
  endedReason!: string | null;
}

@ObjectType('SourceSession', { description: 'Session of a person at their identity provider, as far as Tenure knows of it.' })
export class SourceSessionType extends CredentialFields {}

@ObjectType('RefreshToken', { description: 'Refresh token of an application (OpenID Connect). It is valid no longer than the session there.' })
export class RefreshTokenType extends CredentialFields {}

@ObjectType('LogoutNotification', { description: 'Notification of an application of the end of a session there.' })
export class LogoutNoticeType {
  @Field(() => LogoutNoticeStatusEnum, { description: 'Status of the notification.' })
  status!: string;
  @Field(() => Int, { description: 'Number of attempts.' })
  attempts!: number;
  @Field(() => String, { nullable: true, description: 'Code of the last answer, or of the reason for which there was none; null: no attempt was made.' })
  code!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the status became final; null: the application is notified next, or again.' })
  settledAt!: string | null;
}

@ObjectType('ApplicationSession', { description: 'Session of a person at an application.' })
export class ApplicationSessionType extends CredentialFields {
  @Field(() => String, { description: 'Name of the application in tenure.yaml.' })
  application!: string;
  @UsualLength(2)
  @Field(() => [RefreshTokenType], { description: 'Refresh tokens of the session, the newest first.' })
  refreshTokens!: readonly RefreshTokenType[];
  @Field(() => LogoutNoticeType, {
    name: 'notification',
    nullable: true,
    description: 'Notification of the application of the end of the session; null: it has not ended, or the application knows of it by itself.',
  })
  notice!: LogoutNoticeType | null;
}

@ObjectType('Session', { description: 'Session of a person who is logged in to Tenure. For the person, and for administrators, operators and auditors.' })
export class SessionType extends CredentialFields {
  @Field(() => String, { description: 'Name of the identity provider of the login.' })
  provider!: string;
  @Field(() => SourceSessionType, { nullable: true, description: 'Session at the identity provider; null: none was recorded.' })
  sourceSession!: SourceSessionType | null;
  @UsualLength(5)
  @Field(() => [ApplicationSessionType], { description: 'Sessions at applications that the person entered with it, the newest first. They end with it.' })
  applications!: readonly ApplicationSessionType[];
}

@ObjectType({ description: 'Result of a revocation of sessions.' })
export class RevokedSessions {
  @Field(() => Int, { description: 'Number of sessions that were ended.' })
  count!: number;
}

@ObjectType({ description: 'Result of endSession.' })
export class EndedSession {
  @Field(() => ID, { description: 'Id of the session.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time at which it ended, with all sessions and tokens below it.' })
  endedAt!: string;
}

@ObjectType({ description: 'Result of retryLogoutNotifications.' })
export class RetriedLogoutNotifications {
  @Field(() => Int, { description: 'Number of sessions of whose end the application is notified again.' })
  count!: number;
}
