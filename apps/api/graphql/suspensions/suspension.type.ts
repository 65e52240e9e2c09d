import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { SuspensionScopeEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('ProvisioningSuspension', {
  description:
    'Suspension of provisioning by an operator: for a target, a person or one operation, until an instant. For administrators, operators and auditors.',
})
export class ProvisioningSuspensionType {
  @Field(() => ID, { description: 'Id of the suspension.' })
  id!: string;
  @Field(() => SuspensionScopeEnum, { name: 'scope', description: 'Scope of the suspension.' })
  kind!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person, or of the person of the operation; null: the scope is TARGET.' })
  identityId!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the target; null: the scope is IDENTITY.' })
  target!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the operation; null: the scope is not OPERATION.' })
  operationId!: string | null;
  @Field(() => InstantScalar, { description: 'Expiry: provisioning resumes then by itself.' })
  until!: string;
  @Field(() => Boolean, { name: 'suspendsDeprovisioning', description: 'True if deprovisioning waits as well, so that accounts of leavers stay open.' })
  keepsAccess!: boolean;
  @Field(() => String, { description: 'Reason of the operator.' })
  reason!: string;
  @Field(() => InstantScalar, { name: 'suspendedAt', description: 'Time at which provisioning was suspended.' })
  placedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was resumed or expired; null: in force.' })
  endedAt!: string | null;
}

@ObjectType('Target', { description: 'Connected system. For administrators, operators and auditors.' })
export class TargetType {
  @Field(() => String, { description: 'Name under targets in tenure.yaml.' })
  name!: string;
  @Field(() => String, { description: 'Display name of the target.' })
  title!: string;
  @Field(() => String, { description: 'Kind of the connector: scim, ldap or sql.' })
  kind!: string;
  @Field(() => [ProvisioningSuspensionType], { description: 'Suspensions in force of the whole target.' })
  suspensions!: readonly ProvisioningSuspensionType[];
}

@InputType({ description: 'Suspension of provisioning. Provide exactly one of identityId, target and operationId.' })
export class SuspendProvisioningInput {
  @Field(() => ID, { nullable: true, description: 'Id of a person: nothing is written for them in any target. Absent: another scope.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true, description: 'Name of a target: nothing is written there for anybody. Absent: another scope.' })
  target?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of an operation: it is not carried out. Absent: another scope.' })
  operationId?: string | null;
  @Field(() => InstantScalar, { description: 'Expiry: within 90 days; with suspendsDeprovisioning within 7.' })
  until!: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'True: deprovisioning waits as well, and accounts of leavers stay open. For administrators, never for yourself.',
  })
  suspendsDeprovisioning!: boolean;
  @Field(() => String, { description: 'Reason, 1 to 1000 characters; stored in the audit.' })
  reason!: string;
}
