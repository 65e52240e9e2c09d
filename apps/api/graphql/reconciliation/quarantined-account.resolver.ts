import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { checkedReason, mustExist } from '@tenure/domain';
import { restoreAccount } from '@tenure/engine/corrections';
import type { QuarantinedAccount, QuarantineFilter } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { actOf, type GraphqlContext } from '../../server/context.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { described } from '../described.ts';
import { QuarantinedAccountConnection, QuarantinedAccountFilter, QuarantinedAccountType } from './quarantined-account.type.ts';

type Counted = Connection<QuarantinedAccount> & { readonly wanted: QuarantineFilter };

@Resolver(() => QuarantinedAccountConnection)
@Allow(...readers)
export class QuarantinedAccountsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => QuarantinedAccountConnection, {
    description: 'Accounts of nobody that are or were in quarantine, the newest first. For administrators, operators and auditors.',
  })
  async quarantinedAccounts(
    @Args('filter', { type: () => QuarantinedAccountFilter, nullable: true, description: 'Conditions. Absent: all accounts.' })
    filter: QuarantinedAccountFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Counted> {
    const size = pageSize(first);
    const { target, isOpen } = filter ?? {};
    const wanted = { ...(target == null ? {} : { target }), ...(isOpen == null ? {} : { isOpen }) };
    const found = await this.dependencies.store.read(async (tx) => {
      const rows = await tx.quarantinedAccounts.page(wanted, size + 1, eventBefore(after));
      // There may be accounts of a target that is no longer in tenure.yaml.
      if (rows.length === 0 && target != null && (await tx.quarantinedAccounts.count({ target })) === 0)
        mustExist('filter.target', 'target', target, Object.keys(this.dependencies.configuration.targets));
      return rows;
    });
    return { ...connectionOf(found, size, after, ({ createdAt, id }) => [createdAt, id]), wanted };
  }

  @ResolveField(() => Int, { description: 'Number of accounts on all pages.' })
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.dependencies.store.read((tx) => tx.quarantinedAccounts.count(wanted));
  }
}

@Resolver(() => QuarantinedAccountType)
@Allow(...readers)
export class QuarantinedAccountResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => QuarantinedAccountType, {
    description:
      'Restores an account from quarantine as it was before, with its memberships. A worker looks at it once more before it is changed. From then on its finding is a case. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  restoreAccount(
    @Args('id', { type: () => ID, description: 'Id of the account in quarantine.' }) id: string,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the account in quarantine.' }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<QuarantinedAccount> {
    const { store, clock } = this.dependencies;
    const wanted = { id: checkedId('id', id), reason: checkedReason(reason) };
    return store.transaction(actOf(context, clock()), (tx) => restoreAccount(tx, wanted.id, wanted.reason));
  }

  @ResolveField(() => [String], { description: 'Names of the groups of the policy that it was in before, with which it is restored.' })
  memberships(@Parent() { memberships }: QuarantinedAccount): readonly string[] {
    return (memberships ?? []).map(({ entitlement }) => entitlement);
  }
}
