import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType('PersonName', { description: 'Person by name, also for readers who may not read the identity.' })
export class PersonNameType {
  @Field(() => ID, { description: 'Id of the identity.' })
  id!: string;
  @Field(() => String, { description: 'Display name.' })
  displayName!: string;
}
