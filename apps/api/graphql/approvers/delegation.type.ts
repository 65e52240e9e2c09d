import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { DelegatedKind } from '@tenure/domain';
import { DelegatedKindEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('Delegation', { description: 'Delegation: one person answers on behalf of another for a time. Visible to both.' })
export class DelegationType {
  @Field(() => ID, { description: 'Id of the delegation.' })
  id!: string;
  @Field(() => PersonNameType, { description: 'Person who delegates.' })
  from!: PersonNameType;
  @Field(() => PersonNameType, { description: 'Deputy: the person who answers.' })
  to!: PersonNameType;
  @Field(() => InstantScalar, { description: 'Begin of the delegation.' })
  validFrom!: string;
  @Field(() => InstantScalar, { description: 'End of the delegation; open cases return to the delegating person then.' })
  validUntil!: string;
  @Field(() => [DelegatedKindEnum], { description: 'Kinds of work that it covers.' })
  kinds!: readonly DelegatedKind[];
  @Field(() => String, { description: 'Reason of the delegating person.' })
  reason!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the revocation; null: not revoked.' })
  revokedAt!: string | null;
  @Field(() => Boolean, { description: 'True if the delegation applies now.' })
  isInForce!: boolean;
}
