import { Field, ID, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Login', {
  description: 'Federated login (issuer and subject of an identity provider) that is bound to a person. For administrators, operators and auditors.',
})
export class LoginType {
  @Field(() => String, { description: 'Name of the identity provider in tenure.yaml.' })
  provider!: string;
  @Field(() => String, { description: 'Issuer URL (OpenID Connect) or entity id (SAML) of the provider.' })
  issuer!: string;
  @Field(() => String, { nullable: true, description: 'Format of the SAML name identifier; null: OpenID Connect, or bound before formats were stored.' })
  nameIdFormat!: string | null;
  @Field(() => InstantScalar, { description: 'Time at which it was bound to this person.' })
  boundAt!: string;
  @Field(() => InstantScalar, { description: 'Time of the last login with it.' })
  lastLoginAt!: string;
  @Field(() => Boolean, {
    description:
      'True if it may be used by a person with rights in Tenure: the provider has mayLink: [privileged], an administrator or a one-time link confirmed it, or no other source has a record of the person.',
  })
  mayActWithRights!: boolean;
}

@ObjectType('LoginLink', { description: 'One-time login link: the first login with it is bound to the person.' })
export class LoginLinkType {
  @Field(() => String, {
    description: 'URL of the login. Returned only here. Give it to that person alone: a login with it acts as them.',
  })
  url!: string;
  @Field(() => InstantScalar, { description: 'Expiry of the link.' })
  expiresAt!: string;
}

@ObjectType('EndedLogins', { description: 'Result of endLogin.' })
export class EndedLogins {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => [LoginType], { description: 'Bindings that were ended.' })
  ended!: readonly LoginType[];
}
