import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../scalars.ts';

@ObjectType('ServiceToken', { description: 'API token of a service. For administrators.' })
export class ServiceTokenType {
  @Field(() => ID, { description: 'Id of the token.' })
  id!: string;
  @Field(() => String, { description: 'Name of the token.' })
  name!: string;
  @Field(() => [String], { description: 'Maximum roles: admin, operator, auditor, or source:<name> for recordFacts of that source.' })
  roles!: readonly string[];
  @Field(() => String, { description: 'Creator: person <id>, service <id>, or the command on the machine.' })
  createdBy!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person whose rights limit the token; null: no person created it.' })
  identityId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the service token that created it, and with which it ends; null: none.' })
  parentId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the owner, who gets the case TOKEN_ENDING of a source token; null: operators get it.' })
  responsibleId!: string | null;
  @Field(() => InstantScalar, { description: 'Time of creation.' })
  createdAt!: string;
  @Field(() => InstantScalar, { description: 'Expiry of the token.' })
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last use, to the minute; null: never used.' })
  lastUsedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of revocation; null: not revoked.' })
  revokedAt!: string | null;
}

@InputType({ description: 'New service token.' })
export class CreateServiceTokenInput {
  @Field(() => String, { description: 'Name, 1 to 100 characters.' })
  name!: string;
  @Field(() => [String], { description: 'Roles: admin, operator, auditor, or source:<name> of a source in tenure.yaml.' })
  roles!: readonly string[];
  @Field(() => InstantScalar, { description: 'Expiry: at most a year ahead, and no later than the end of your own token or admin grant.' })
  expiresAt!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the owner, who gets the case TOKEN_ENDING; only for tokens of sources. Absent: the operators get it.',
  })
  responsibleId?: string | null;
}

@ObjectType({ description: 'New service token with its secret.' })
export class CreatedServiceToken {
  @Field(() => String, { description: 'Secret of the token. Returned only here: Tenure stores only its hash.' })
  token!: string;
  @Field(() => ServiceTokenType, { description: 'The service token.' })
  serviceToken!: ServiceTokenType;
}
