import { Field, ID, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../scalars.ts';
import { AdoptionStatusEnum } from './reconciliation.enums.ts';

@ObjectType('FindingAdoption', { description: 'Requested adoption of an account of nobody, which a worker looks at before it is bound to a person.' })
export class FindingAdoptionType {
  @Field(() => AdoptionStatusEnum, { description: 'Status of the adoption.' })
  status!: string;
  @Field(() => ID, { description: 'Id of the person whose account it is to be.' })
  identityId!: string;
  @Field(() => String, { description: 'Name of the actor that requested it.' })
  requestedBy!: string;
  @Field(() => InstantScalar, { description: 'Time of the request.' })
  requestedAt!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the reason for which it was refused, or, while it is requested, for which it is tried again, as in docs/reconciliation.md; null: none.',
  })
  code!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason in words; null: none.' })
  message!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the result; null: there is none yet.' })
  settledAt!: string | null;
}
