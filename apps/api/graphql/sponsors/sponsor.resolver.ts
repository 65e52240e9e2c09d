import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Extension, extendContract } from '@tenure/engine/sponsors';
import { contractEnding, Forbidden, checkedReason } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { named } from '../audit/load-names.ts';
import { displayName } from '../identities/view-attributes.ts';
import { ContractExtensionType, SponsoredPersonType, SponsorshipType } from './sponsor.type.ts';
import { currentPolicy } from '@tenure/engine/policy';

/** Maximum number of people of one sponsor in one answer. */
const mostSponsored = 500;

@Resolver(() => IdentityType)
export class SponsorResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => SponsorshipType, {
    nullable: true,
    description: 'Sponsor of the person; null: the facts name no sponsor. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async sponsorship(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<SponsorshipType | null> {
    const found = await this.dependencies.store.read((tx) => tx.sponsorships.of(id));
    if (found === null) return null;
    const { sponsorId, why, sponsorSince: since } = found;
    const sponsor = sponsorId === null ? null : await loaders.identity.load(sponsorId);
    return { sponsorId, sponsorName: sponsor && displayName(sponsor), why: await named(why, loaders), since };
  }

  @Query(() => [SponsoredPersonType], { description: 'People whose sponsor you are, the earliest end of a contract first; at most 500.' })
  @Allow('self')
  async mySponsored(@Context() context: GraphqlContext): Promise<readonly SponsoredPersonType[]> {
    const { store, engine, clock } = this.dependencies;
    const now = clock();
    const sponsored = await store.read(async (tx) => {
      const found = new Map((await tx.sponsorships.bySponsor(callerOf(context).id, mostSponsored)).map((one) => [one.identityId, one]));
      const policy = await currentPolicy(tx, engine);
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
      'Extends the contract of a person, as far as the policy allows; or shortens the extension again, at most to the end that the source states. The same end again changes nothing. Refused with CONTRACT_ENDED if the end has come, NOT_EXTENDABLE, or INPUT_INVALID. For the sponsor, administrators and operators, never for yourself.',
  })
  @Allow('admin', 'operator', 'self')
  extendContract(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('until', { type: () => String, description: 'Last day (2026-12-31) or an instant, in the format of the attribute endDate.' }) until: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Extension> {
    const why = checkedReason(reason);
    const { store, engine, clock } = this.dependencies;
    const { id, personId, roles } = callerOf(context);
    if (personId === identityId) throw new Forbidden('You cannot extend your own contract.');
    const by = { id, isOperator: roles.has('admin') || roles.has('operator') };
    return store.transaction(actOf(context, clock()), (tx) =>
      extendContract(tx, engine, { identityId: checkedId('identityId', identityId), until, reason: why, by }),
    );
  }
}
