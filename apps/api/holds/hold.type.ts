import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { SuspensionScopeEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('ProvisioningSuspension', {
  description: 'An operator keeps anything from being written for a while: to a target, for a person, or one operation.',
})
export class ProvisioningSuspensionType {
  @Field(() => ID)
  id!: string;
  @Field(() => SuspensionScopeEnum, { name: 'scope' })
  kind!: string;
  @Field(() => ID, { nullable: true, description: 'The person; of an operation, whose it is.' })
  identityId!: string | null;
  @Field(() => String, { nullable: true })
  target!: string | null;
  @Field(() => ID, { nullable: true })
  operationId!: string | null;
  @Field(() => InstantScalar, { description: 'At this instant it is over by itself.' })
  until!: string;
  @Field(() => Boolean, { name: 'suspendsDeprovisioning', description: "Whether even the end of somebody's access waits." })
  keepsAccess!: boolean;
  @Field(() => String)
  reason!: string;
  @Field(() => InstantScalar, { name: 'suspendedAt' })
  placedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When it was lifted, or was over.' })
  endedAt!: string | null;
}

@ObjectType('Target', { description: 'A connected system.' })
export class TargetType {
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => String, { description: 'scim, ldap or sql.' })
  kind!: string;
  @Field(() => [ProvisioningSuspensionType], { description: 'Open holds of the whole target.' })
  suspensions!: readonly ProvisioningSuspensionType[];
}

@InputType()
export class SuspendProvisioningInput {
  @Field(() => ID, { nullable: true, description: 'One of these three.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true })
  target?: string | null;
  @Field(() => ID, { nullable: true })
  operationId?: string | null;
  @Field(() => InstantScalar, { description: 'When it is over by itself: within 90 days, with keepsAccess within 7.' })
  until!: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether even the end of somebody's access waits, and an account that should be closed stays open. For administrators, never for oneself.",
  })
  suspendsDeprovisioning!: boolean;
  @Field(() => String)
  reason!: string;
}
