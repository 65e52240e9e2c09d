import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('ServiceToken', { description: 'What a program shows to be let in.' })
export class ServiceTokenType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'admin, operator, auditor, or source:<name> for recordFacts of that source.' })
  roles!: readonly string[];
  @Field(() => String)
  createdBy!: string;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  revokedAt!: string | null;
}

@InputType()
export class CreateServiceTokenInput {
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'admin, operator, auditor, or source:<name> of a source in tenure.yaml.' })
  roles!: readonly string[];
  @Field(() => InstantScalar, { description: 'At most a year ahead.' })
  expiresAt!: string;
}

@ObjectType()
export class CreatedServiceToken {
  @Field(() => String, { description: 'Shown now and never again: Tenure keeps only its hash.' })
  token!: string;
  @Field(() => ServiceTokenType)
  serviceToken!: ServiceTokenType;
}
