import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow, readers } from '../../access/allow.ts';
import type { GraphqlContext } from '../../server/context.ts';
import type { Loaders } from '../../server/loaders.ts';
import { displayName } from '../identities/view-attributes.ts';
import { PersonNameType } from '../requests/person-name.type.ts';
import { BatchChangePlanLine } from '../batches/batch-change.type.ts';
import { PlannedDifferenceType, PlannedSeparationType, PlannedLifecycleChangeType } from './policy-plan.type.ts';

const description = 'The people of examples, with their names.';

/** Lines of plans are made and stored with ids alone. */
async function namesOf(ids: readonly string[], { identity }: Loaders): Promise<readonly PersonNameType[]> {
  const people = await Promise.all(ids.map((id) => identity.load(id)));
  return people.flatMap((person) => (person === null ? [] : [{ id: person.id, displayName: displayName(person) }]));
}

@Resolver(() => PlannedDifferenceType)
@Allow(...readers)
export class PlannedDifferenceResolver {
  @ResolveField(() => [PersonNameType], { description })
  examplePeople(@Parent() { examples }: PlannedDifferenceType, @Context() { loaders }: GraphqlContext): Promise<readonly PersonNameType[]> {
    return namesOf(examples, loaders);
  }
}

@Resolver(() => PlannedLifecycleChangeType)
@Allow(...readers)
export class PlannedLifeResolver {
  @ResolveField(() => [PersonNameType], { description })
  examplePeople(@Parent() { examples }: PlannedLifecycleChangeType, @Context() { loaders }: GraphqlContext): Promise<readonly PersonNameType[]> {
    return namesOf(examples, loaders);
  }
}

@Resolver(() => PlannedSeparationType)
@Allow(...readers)
export class PlannedSeparationResolver {
  @ResolveField(() => [PersonNameType], { description })
  examplePeople(@Parent() { examples }: PlannedSeparationType, @Context() { loaders }: GraphqlContext): Promise<readonly PersonNameType[]> {
    return namesOf(examples, loaders);
  }
}

/** People of a line of the plan; for callers who may see the batch change. */
@Resolver(() => BatchChangePlanLine)
@Allow(...readers, 'self')
export class BatchChangePlanLineResolver {
  @ResolveField(() => [PersonNameType], { description })
  examplePeople(@Parent() { examples }: BatchChangePlanLine, @Context() { loaders }: GraphqlContext): Promise<readonly PersonNameType[]> {
    return namesOf(examples, loaders);
  }
}
