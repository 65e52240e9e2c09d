import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { HoldKindEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Hold', { description: 'An operator keeps anything from being written for a while: to a target, for a person, or one operation.' })
export class HoldType {
  @Field(() => ID)
  id!: string;
  @Field(() => HoldKindEnum)
  kind!: string;
  @Field(() => ID, { nullable: true, description: 'The person; of an operation, whose it is.' })
  identityId!: string | null;
  @Field(() => String, { nullable: true })
  target!: string | null;
  @Field(() => ID, { nullable: true })
  operationId!: string | null;
  @Field(() => InstantScalar, { description: 'At this instant it is over by itself.' })
  until!: string;
  @Field(() => Boolean, { description: "Whether even the end of somebody's access waits." })
  keepsAccess!: boolean;
  @Field(() => String)
  reason!: string;
  @Field(() => InstantScalar)
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
  @Field(() => [HoldType], { description: 'Open holds of the whole target.' })
  holds!: readonly HoldType[];
}

@InputType()
export class HoldInput {
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
  keepsAccess!: boolean;
  @Field(() => String)
  reason!: string;
}
