import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ConnectionStatusEnum, ConnectionStepEnum, StepResultEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('ConnectionStep', { description: 'One step of the test of a connection.' })
export class ConnectionStepType {
  @Field(() => ConnectionStepEnum)
  step!: string;
  @Field(() => StepResultEnum)
  result!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Stable code of what is wrong, such as SELF_SIGNED_CERT_IN_CHAIN, HTTP_401, LDAP_49 or SQLSTATE_28P01; null when there is nothing to say.',
  })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'Error and remedy; null: none. No secret, and no text of the other side.' })
  message!: string | null;
}

@ObjectType('ConnectionLimit', { description: 'Something that a connected system cannot show or do.' })
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
  @Field(() => ConnectionStatusEnum)
  status!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When it was tested; null: never.' })
  checkedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Seconds since it was tested; null: never.' })
  age!: number | null;
  @Field(() => String, { nullable: true, description: 'Worker that tested it; null: never tested.' })
  checkedBy!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Since when it has had this status.' })
  since!: string | null;
  @Field(() => String, { nullable: true, description: 'Code of the step that failed; null when none did.' })
  reason!: string | null;
  @Field(() => String, { nullable: true, description: 'Error and remedy of the failed step; null: none failed.' })
  message!: string | null;
  @Field(() => [ConnectionStepType], { description: 'All steps, in the order in which a connection comes about; empty before the first test.' })
  steps!: readonly ConnectionStepType[];
  @Field(() => [ConnectionLimitType])
  limits!: readonly ConnectionLimitType[];
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the next test; null: no worker knows the connection.' })
  nextCheckAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'When checkConnection asked for a test that has not been made yet.' })
  requestedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'People with operations that wait because the target fails; null for identity providers.' })
  waitingPeople!: number | null;
  @Field(() => Int, { nullable: true, description: 'Operations that wait because the target fails; null for identity providers.' })
  waitingOperations!: number | null;
  @Field(() => ID, { nullable: true, description: 'The open case about it.' })
  caseId!: string | null;
}

@ObjectType('IdentityProvider', { description: 'SAML or OIDC identity provider that people log in with.' })
export class IdentityProviderType {
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => String, { description: 'saml or oidc.' })
  protocol!: string;
}
