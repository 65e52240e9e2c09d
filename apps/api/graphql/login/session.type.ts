import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Session', { description: 'Session of a person who is logged in. For administrators, operators and auditors.' })
export class SessionType {
  @Field(() => ID, { description: 'Id of the session.' })
  id!: string;
  @Field(() => String, { description: 'Name of the identity provider of the login.' })
  provider!: string;
  @Field(() => InstantScalar, { description: 'Time of the login.' })
  createdAt!: string;
  @Field(() => InstantScalar, { description: 'Absolute end of the session, regardless of use.' })
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last use, to the minute; null: never used.' })
  lastUsedAt!: string | null;
}

@ObjectType({ description: 'Result of a revocation of sessions.' })
export class RevokedSessions {
  @Field(() => Int, { description: 'Number of sessions that were ended.' })
  count!: number;
}
