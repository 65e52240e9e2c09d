import { Inject } from '@nestjs/common';
import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Change, checkedReason, mustExist } from '@tenure/domain';
import { countKinds, observeTarget, planOfTarget, switchOnTarget } from '@tenure/engine/targets';
import type { BatchChange, StoredTargetMode } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { actOf, type GraphqlContext } from '../../server/context.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { named } from '../audit/load-names.ts';
import { BatchChangeType } from '../batches/batch-change.type.ts';
import { connectionOf, idAfter, pageSize } from '../connection.ts';
import { described } from '../described.ts';
import { TargetType } from '../suspensions/suspension.type.ts';
import { TargetModeStateType, TargetPlanType } from './target.type.ts';

@Resolver(() => TargetPlanType)
@Allow(...readers)
export class TargetPlanResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => TargetPlanType, {
    description:
      'Plan of a target: the changes by which all accounts there would come to their desired states, computed now from the last observations. For administrators, operators and auditors.',
  })
  async targetPlan(
    @Args('target', { type: () => String, description: 'Name of the target.' }) target: string,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
  ): Promise<TargetPlanType> {
    const { store, engine } = this.dependencies;
    const size = pageSize(first);
    const from = idAfter(after);
    this.mustBeTarget(target);
    const { mode, lastCompleteRun, planned } = await store.read(async (tx) => ({
      mode: await tx.targetModes.get(target),
      lastCompleteRun: await tx.reconciliationRuns.lastComplete(target),
      planned: await planOfTarget(tx, engine, target, null, Number.POSITIVE_INFINITY),
    }));
    const page = planned.filter(({ identityId }) => from === null || identityId > from).slice(0, size + 1);
    const people = page.map((one) => ({ ...one, changes: one.changes.map(viewChange) }));
    return {
      target,
      mode: mode?.mode ?? null,
      lastCompleteRun,
      totalCount: planned.length,
      counts: countKinds(planned),
      people: connectionOf(people, size, after, ({ identityId }) => [identityId]),
    };
  }

  @Mutation(() => BatchChangeType, {
    description:
      'Switches a target that is observed on, by a batch change with the plan of everything that would be carried out there. Within the change budget it is carried out at once, above it it waits for approval (approveBatchChange). Refused without a complete reconciliation run of the last day. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  switchOnTarget(
    @Args('target', { type: () => String, description: 'Name of the target.' }) target: string,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the batch change.' }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange> {
    const { store, engine, clock } = this.dependencies;
    this.mustBeTarget(target);
    const wanted = { target, reason: checkedReason(reason) };
    return store.transaction(actOf(context, clock()), (tx) => switchOnTarget(tx, engine, wanted));
  }

  @Mutation(() => TargetModeStateType, {
    description: 'Switches a target back: from now on nothing is written there, and what is planned there is taken back. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  async observeTarget(
    @Args('target', { type: () => String, description: 'Name of the target.' }) target: string,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the mode.' }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<TargetModeStateType> {
    const { store, clock } = this.dependencies;
    this.mustBeTarget(target);
    const wanted = { target, reason: checkedReason(reason) };
    return viewMode(await store.transaction(actOf(context, clock()), (tx) => observeTarget(tx, wanted)), context);
  }

  private mustBeTarget(target: string): void {
    mustExist('target', 'target', target, Object.keys(this.dependencies.configuration.targets));
  }
}

/** The mode of each target. */
@Resolver(() => TargetType)
@Allow(...readers)
export class TargetModeResolver {
  @ResolveField(() => TargetModeStateType, { nullable: true, description: 'Mode of the target; null: it was not contacted yet, and nothing is written there.' })
  async mode(@Parent() { name }: TargetType, @Context() context: GraphqlContext): Promise<TargetModeStateType | null> {
    const known = (await context.loaders.targetModes.load('')).find(({ target }) => target === name);
    return known === undefined ? null : viewMode(known, context);
  }
}

async function viewMode({ mode, why, since, by, reason }: StoredTargetMode, { loaders }: GraphqlContext): Promise<TargetModeStateType> {
  return { mode, why, since, setBy: await named(by, loaders), reason };
}

function viewChange(change: Change): { readonly kind: string; readonly names: readonly string[] } {
  const names = 'entitlement' in change ? [change.entitlement] : 'attributes' in change ? Object.keys(change.attributes) : [];
  return { kind: change.kind, names };
}
