import { Field, ObjectType } from '@nestjs/graphql';
import type { ApplicationSettings } from '@tenure/config';
import type { EntryRefusal } from '@tenure/domain';
import { enumOf } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

export const ApplicationProtocolEnum = enumOf<ApplicationSettings['protocol']>('ApplicationProtocol', 'Protocol by which an application receives logins.', {
  saml: 'SAML 2.0.',
  oidc: 'OpenID Connect.',
});

export const ApplicationSubjectEnum = enumOf<ApplicationSettings['subject']>('ApplicationSubject', 'Name by which an application knows a person.', {
  pairwise: 'A random name that no other application receives.',
  email: 'The e-mail address, which may pass to another person.',
});

export const ApplicationChangeEnum = enumOf<ApplicationSettings['onChange']>(
  'ApplicationChange',
  'Effect of other claims on the sessions of a person at an application.',
  { end: 'The sessions end.', 'next-request': 'The application receives the other claims at its next request.' },
);

export const EntryRefusalEnum = enumOf<EntryRefusal>('EntryRefusal', 'Reason why a person may not enter an application.', {
  'not-active': 'The person is not active: access has not begun, is suspended or has ended.',
  'no-access': 'No grant and no rule lets the person in.',
  'no-email': 'The application knows people by their e-mail address, and none is known.',
  'address-of-another': 'The application received the e-mail address for another person (case APPLICATION_ADDRESS).',
  'session-ended': 'The session in Tenure has ended.',
});

@ObjectType('ApplicationUsers', { description: 'People who may use an application.' })
export class ApplicationUsersType {
  @Field(() => [String], { nullable: true, description: 'Names of entitlements of which one is enough; null: a rule decides.' })
  entitlements!: readonly string[] | null;
  @Field(() => String, { nullable: true, description: 'CEL over identity; null: entitlements decide.' })
  when!: string | null;
}

@ObjectType('Application', { description: 'System that people log in to through Tenure (applications in tenure.yaml).' })
export class ApplicationType {
  @Field(() => String, { description: 'Name in tenure.yaml.' })
  name!: string;
  @Field(() => String, { description: 'Title for people.' })
  title!: string;
  @Field(() => ApplicationProtocolEnum, { description: 'Protocol by which it receives logins.' })
  protocol!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Owner: the user name of a person, or the name of the role or entitlement whose holders own it; null: the operators.',
  })
  owner!: string | null;
  @Field(() => String, { nullable: true, description: 'Address at which people begin; null: it is not linked.' })
  address!: string | null;
  @Field(() => String, { nullable: true, description: 'Target in which accounts of the same system are provisioned; null: accounts come by login alone.' })
  target!: string | null;
  @Field(() => ApplicationUsersType, { description: 'People who may use it.' })
  mayUse!: ApplicationUsersType;
  @Field(() => [String], { description: 'Names of the claims that it receives, beside groups.' })
  claims!: readonly string[];
  @Field(() => ApplicationSubjectEnum, { description: 'Name by which it knows a person.' })
  subject!: string;
  @Field(() => ApplicationChangeEnum, { description: 'Effect of other claims on its sessions.' })
  onChange!: string;
  @Field(() => [String], { description: 'Warnings about its settings, with their consequences and remedies; empty: there are none.' })
  warnings!: readonly string[];
}

@ObjectType('ApplicationAccess', { description: 'Access of a person to an application, as decided now.' })
export class ApplicationAccessType {
  @Field(() => String, { description: 'Name of the application.' })
  application!: string;
  @Field(() => String, { description: 'Title of the application.' })
  title!: string;
  @Field(() => Boolean, { description: 'True: the person may enter.' })
  mayEnter!: boolean;
  @Field(() => [String], { description: 'Names of the entitlements that let the person in; empty: the rule of the application does, or nothing.' })
  by!: readonly string[];
  @Field(() => EntryRefusalEnum, { nullable: true, description: 'Reason why the person may not enter; null: they may.' })
  refusal!: string | null;
  @Field(() => String, { description: 'The decision as a sentence.' })
  sentence!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Begin of the access; null: a rule decides, or there is none.' })
  since!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Known end of the access; null: none is known, or there is no access.' })
  until!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Last entry; null: never.' })
  lastUsedAt!: string | null;
}
