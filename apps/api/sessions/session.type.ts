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
  @Field(() => InstantScalar, { description: 'Absolute end of the session, regardless of use.' })
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last use, to the minute.' })
  lastUsedAt!: string | null;
}

@ObjectType()
export class RevokedSessions {
  @Field(() => Int, { description: 'How many were ended.' })
  count!: number;
}
