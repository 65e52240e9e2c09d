import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Extension, extendContract } from '@tenure/engine/sponsors';
import { contractEnding, Forbidden, checkedReason } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { named } from '../audit/load-names.ts';
import { displayName } from '../identities/view-attributes.ts';
import { ContractExtensionType, SponsoredPersonType, SponsorshipType } from './sponsor.type.ts';

/** People for whom one sponsor answers, in one answer. */
const mostSponsored = 500;

@Resolver(() => IdentityType)
export class SponsorResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => SponsorshipType, { nullable: true, description: 'Who answers for the person; null where the facts name nobody.' })
  @Allow(...readers)
  async sponsorship(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<SponsorshipType | null> {
    const found = await this.dependencies.store.read((tx) => tx.sponsorships.of(id));
    if (found === null) return null;
    const { sponsorId, why, sponsorSince: since } = found;
    const sponsor = sponsorId === null ? null : await loaders.identity.load(sponsorId);
    return { sponsorId, sponsorName: sponsor && displayName(sponsor), why: await named(why, loaders), since };
  }

  @Query(() => [SponsoredPersonType], { description: 'People for whom you answer; whose contract ends first comes first.' })
  @Allow('self')
  async mySponsored(@Context() context: GraphqlContext): Promise<readonly SponsoredPersonType[]> {
    const { store, loop, clock } = this.dependencies;
    const now = clock();
    const sponsored = await store.read(async (tx) => {
      const found = new Map((await tx.sponsorships.bySponsor(callerOf(context).id, mostSponsored)).map((one) => [one.identityId, one]));
      const policy = await loop.currentPolicy(tx);
      return (await tx.identities.many([...found.keys()])).map((identity) => ({ identity, sponsorship: found.get(identity.id), policy }));
    });
    const views = await Promise.all(
      sponsored.map(async ({ identity, sponsorship, policy }): Promise<SponsoredPersonType> => {
        const { id, state, lifecycle } = identity;
        const ending = lifecycle && contractEnding({ identity, lifecycle, policy, now });
        const { why = '', sponsorSince: since = now } = sponsorship ?? {};
        return {
          id,
          name: displayName(identity),
          state,
          why: await named(why, context.loaders),
          since,
          endsAt: ending?.endsAt ?? null,
          latestEndsAt: ending?.latest ?? null,
        };
      }),
    );
    return views.toSorted((a, b) => ((a.endsAt ?? '~') + a.id < (b.endsAt ?? '~') + b.id ? -1 : 1));
  }

  @Mutation(() => ContractExtensionType, {
    description:
      "Makes the end of somebody's contract later, as far as policy allows; or takes that back, at most to the end that the source says. For the sponsor, whom the case asks, and operators, never for oneself. Said again, it changes nothing. Refused with CONTRACT_ENDED once the end has come, NOT_EXTENDABLE, INPUT_INVALID.",
  })
  @Allow('admin', 'operator', 'self')
  extendContract(
    @Args('identityId', { type: () => ID }) identityId: string,
    @Args('until', { type: () => String, description: 'The last day (2026-12-31), or an instant, as the attribute endDate has it.' }) until: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Extension> {
    const why = checkedReason(reason);
    const { store, loop, clock } = this.dependencies;
    const { id, personId, roles } = callerOf(context);
    if (personId === identityId) throw new Forbidden('this contract is not yours to extend');
    const by = { id, isOperator: roles.has('admin') || roles.has('operator') };
    return store.transaction(actOf(context, clock()), (tx) =>
      extendContract(tx, loop, { identityId: checkedId('identityId', identityId), until, reason: why, by }),
    );
  }
}
