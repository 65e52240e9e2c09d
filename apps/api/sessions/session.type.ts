import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Session', { description: 'Somebody is logged in.' })
export class SessionType {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { description: 'The identity provider of the login.' })
  provider!: string;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
}

@ObjectType()
export class RevokedSessions {
  @Field(() => Int, { description: 'How many were ended.' })
  count!: number;
}
