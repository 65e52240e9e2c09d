import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ConnectionStatusEnum, ConnectionStepEnum, StepResultEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('ConnectionStep', { description: 'Step of the test of a connection.' })
export class ConnectionStepType {
  @Field(() => ConnectionStepEnum, { description: 'Name of the step.' })
  step!: string;
  @Field(() => StepResultEnum, { description: 'Result of the step.' })
  result!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Stable code of the error, such as SELF_SIGNED_CERT_IN_CHAIN, HTTP_401, LDAP_49 or SQLSTATE_28P01; null: nothing to report.',
  })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'Error and remedy, without secrets and without text of the other side; null: nothing to report.' })
  message!: string | null;
}

@ObjectType('ConnectionLimit', { description: 'Capability that a connected system lacks.' })
export class ConnectionLimitType {
  @Field(() => String, { description: 'Stable code, such as MEMBER_FILTER_UNSUPPORTED.' })
  code!: string;
  @Field(() => String, { description: 'Missing capability of the system, and its consequence.' })
  message!: string;
}

@ObjectType('ConnectionHealth', {
  description: 'Result of the last test of a target or identity provider by a worker. For administrators, operators and auditors.',
})
export class ConnectionHealthType {
  @Field(() => ConnectionStatusEnum, { description: 'Status of the connection.' })
  status!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last test; null: never tested.' })
  checkedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Seconds since the last test; null: never tested.' })
  age!: number | null;
  @Field(() => String, { nullable: true, description: 'Worker that made the last test; null: never tested.' })
  checkedBy!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time since which the status has been the same; null: never tested.' })
  since!: string | null;
  @Field(() => String, { nullable: true, description: 'Code of the step that failed; null: no step failed.' })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'Error and remedy of the failed step; null: no step failed.' })
  message!: string | null;
  @Field(() => [ConnectionStepType], { description: 'All steps, in the order of the test; empty: never tested.' })
  steps!: readonly ConnectionStepType[];
  @Field(() => [ConnectionLimitType], { description: 'Capabilities that the connected system lacks.' })
  limits!: readonly ConnectionLimitType[];
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the next test; null: no worker knows the connection.' })
  nextCheckAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of a checkConnection whose test has not been made yet; null: none is pending.' })
  requestedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Number of people with operations that wait because the target fails; null: an identity provider.' })
  waitingPeople!: number | null;
  @Field(() => Int, { nullable: true, description: 'Number of operations that wait because the target fails; null: an identity provider.' })
  waitingOperations!: number | null;
  @Field(() => ID, { nullable: true, description: 'Id of the open case about the connection; null: none.' })
  caseId!: string | null;
}

@ObjectType('IdentityProvider', { description: 'SAML or OIDC identity provider for logins. For administrators, operators and auditors.' })
export class IdentityProviderType {
  @Field(() => String, { description: 'Name under identityProviders in tenure.yaml.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the identity provider.' })
  title!: string;
  @Field(() => String, { description: 'Protocol: saml or oidc.' })
  protocol!: string;
}
