import { Inject } from '@nestjs/common';
import { Args, Context, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { checkedReason, mustExist, type ReadingVerdict } from '@tenure/domain';
import { requestRun } from '@tenure/engine/reconciliation';
import type { ReconciliationRun } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { actOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { ReconciliationRunConnection, ReconciliationRunFilter, ReconciliationRunType } from './reconciliation-run.type.ts';

@Resolver(() => ReconciliationRunType)
@Allow(...readers)
export class ReconciliationRunResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => ReconciliationRunConnection, { description: 'Reconciliation runs, the newest first. For administrators, operators and auditors.' })
  async reconciliationRuns(
    @Args('filter', { type: () => ReconciliationRunFilter, nullable: true, description: 'Conditions. Absent: all runs.' })
    filter: ReconciliationRunFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<Connection<ReconciliationRun>> {
    const size = pageSize(first);
    const { target, verdict } = filter ?? {};
    const wanted = { ...(target == null ? {} : { target }), ...(verdict == null ? {} : { verdict: verdict as ReadingVerdict }) };
    const found = await this.dependencies.store.read(async (tx) => {
      const rows = await tx.reconciliationRuns.page(wanted, size + 1, eventBefore(after));
      // There may be runs of a target that is no longer in tenure.yaml.
      if (rows.length === 0 && target != null && (await tx.reconciliationRuns.page({ target }, 1, null)).length === 0)
        this.mustBeTarget('filter.target', target);
      return rows;
    });
    return connectionOf(found, size, after, ({ requestedAt, id }) => [requestedAt, id]);
  }

  @Mutation(() => ReconciliationRunType, {
    description:
      'Requests a reconciliation run of a target by a worker, which reads all its accounts and changes nothing there. If a run waits already, it is the answer. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  reconcileTarget(
    @Args('target', { type: () => String, description: 'Name of the target.' }) target: string,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the run.' }) reason: string,
    @Args('expectFewer', {
      type: () => Boolean,
      defaultValue: false,
      description: 'True: the target really has fewer accounts than at the last complete run, and is not refused for it.',
    })
    expectFewer: boolean,
    @Context() context: GraphqlContext,
  ): Promise<ReconciliationRun> {
    const { store, clock } = this.dependencies;
    this.mustBeTarget('target', target);
    const wanted = { target, reason: checkedReason(reason), expectsFewer: expectFewer };
    return store.transaction(actOf(context, clock()), (tx) => requestRun(tx, wanted));
  }

  private mustBeTarget(argument: string, target: string): void {
    mustExist(argument, 'target', target, Object.keys(this.dependencies.configuration.targets));
  }
}
