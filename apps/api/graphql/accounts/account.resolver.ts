import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { StoredObservation } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { AccountType, ObservationType } from './account.type.ts';
import type { AccountView } from './view-accounts.ts';

@Resolver(() => AccountType)
export class AccountResolver {
  @ResolveField(() => [ObservationType], { description: 'Observed existence, state, attributes and memberships. For administrators, operators and auditors.' })
  @Allow(...readers)
  observedAspects(@Parent() { id }: AccountView, @Context() { loaders }: GraphqlContext): Promise<readonly StoredObservation[]> {
    return loaders.observations.load(id);
  }
}
