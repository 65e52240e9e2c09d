import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { DelegatedKind } from '@tenure/domain';
import { DelegatedKindEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('Delegation', { description: 'Somebody answers in the place of another, for a time.' })
export class DelegationType {
  @Field(() => ID)
  id!: string;
  @Field(() => PersonNameType, { description: 'In whose place.' })
  from!: PersonNameType;
  @Field(() => PersonNameType, { description: 'Who answers.' })
  to!: PersonNameType;
  @Field(() => InstantScalar)
  validFrom!: string;
  @Field(() => InstantScalar, { description: 'At this instant it is over, and what is open goes back.' })
  validUntil!: string;
  @Field(() => [DelegatedKindEnum], { description: 'What is answered.' })
  kinds!: readonly DelegatedKind[];
  @Field(() => String)
  reason!: string;
  @Field(() => InstantScalar, { nullable: true })
  revokedAt!: string | null;
  @Field(() => Boolean, { description: 'Whether it runs at this moment.' })
  isInForce!: boolean;
}
