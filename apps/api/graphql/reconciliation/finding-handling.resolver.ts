import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { checkedReason, type FindingKind, InputInvalid, mustExist } from '@tenure/domain';
import { correctFindings, keepFoundAccess, proposeRule, requestAdoption, type RuleProposal } from '@tenure/engine/corrections';
import type { BatchChange, Finding } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { BatchChangeType } from '../batches/batch-change.type.ts';
import { checkedId } from '../connection.ts';
import { described } from '../described.ts';
import { readRequest } from '../requests/read-requests.ts';
import { AccessRequestType } from '../requests/request.type.ts';
import { InstantScalar } from '../scalars.ts';
import { FindingType } from './finding.type.ts';
import { FindingKindEnum } from './reconciliation.enums.ts';
import { ProposedRuleInput, RuleProposalType } from './rule-proposal.type.ts';

/** Decisions of people about findings. */
@Resolver()
export class FindingHandlingResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Mutation(() => BatchChangeType, {
    description:
      'Has open findings corrected, whatever their handling is in tenure.yaml: accounts of people are brought into their desired state, accounts of nobody are put into quarantine. Within the change budget it is carried out at once, above it it waits for approval (approveBatchChange). For administrators and operators.',
  })
  @Allow('admin', 'operator')
  correctFindings(
    @Args('target', { type: () => String, description: 'Name of the target.' }) target: string,
    @Args('kind', { type: () => FindingKindEnum, description: 'Kind of the findings.' }) kind: FindingKind,
    @Args('name', { type: () => String, nullable: true, description: 'Name of the group or attribute. Absent: every name.' }) name: string | null,
    @Args('ids', { type: () => [ID], nullable: true, description: 'Ids of the findings. Absent: all open ones of this kind and name.' })
    ids: readonly string[] | null,
    @Args('reason', { type: () => String, description: 'Reason, 1 to 1000 characters; stored with the batch change.' }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<BatchChange> {
    const { store, engine, clock } = this.dependencies;
    const checked = ids?.map((id, index) => checkedId(`ids[${index}]`, id)) ?? null;
    this.mustBeTarget('target', target);
    const wish = { target, kind, name: name ?? null, ids: checked, reason: checkedReason(reason) };
    return store.transaction(actOf(context, clock()), (tx) => correctFindings(tx, engine, wish));
  }

  @Mutation(() => FindingType, {
    description:
      'Requests that an account of nobody is bound to a person: it is theirs from then on, and is brought into their desired state. A worker looks at the account first, and the field adoption of the finding has the result: bound, or refused, since the account is not as it was found. Not one that bears the mark of another person, and not for a person who has an account there or is to have none. For administrators, and never to themselves.',
  })
  @Allow('admin')
  adoptAccount(
    @Args('findingId', { type: () => ID, description: 'Id of the finding about the account.' }) findingId: string,
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<Finding> {
    const { store, engine, clock } = this.dependencies;
    const wish = {
      findingId: checkedId('findingId', findingId),
      identityId: checkedId('identityId', identityId),
      reason: checkedReason(reason),
      personId: callerOf(context).personId,
    };
    return store.transaction(actOf(context, clock()), (tx) => requestAdoption(tx, engine, wish));
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Grants access that was found in a target (ENTITLEMENT_OUTSIDE_POLICY) as an assignment with owner, reason and end, like an approved item of a request. SEPARATION_CONFLICT: a separation-of-duties rule forbids it. For administrators, and never for their own access.',
  })
  @Allow('admin')
  async keepFoundAccess(
    @Args('findingId', { type: () => ID, description: 'Id of the finding.' }) findingId: string,
    @Args('until', { type: () => InstantScalar, description: 'End of the access, at most a year ahead.' }) until: string,
    @Args('ownerId', { type: () => ID, nullable: true, description: 'Id of the active person who answers for it. Absent: you.' }) ownerId: string | null,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const { kind, id, personId } = callerOf(context);
    if (ownerId == null && kind !== 'person') throw new InputInvalid('ownerId: name the person who answers for the access; a service cannot');
    const wish = {
      findingId: checkedId('findingId', findingId),
      until,
      ownerId: ownerId == null ? id : checkedId('ownerId', ownerId),
      reason: checkedReason(reason),
      by: personId,
    };
    const requestId = await store.transaction(actOf(context, clock()), (tx) => keepFoundAccess(tx, engine, wish));
    return readRequest(this.dependencies, requestId, context);
  }

  @Query(() => RuleProposalType, {
    description:
      'Rule that would justify access found in a target, made of what the people with it have in common, with the number of others to whom it would give access. It is never applied by itself. For administrators.',
  })
  @Allow('admin')
  proposedRule(
    @Args('input', { type: () => ProposedRuleInput, description: 'Found access.' }) { findingIds, target, name }: ProposedRuleInput,
    @Context() context: GraphqlContext,
  ): Promise<RuleProposal> {
    const { store, engine, clock } = this.dependencies;
    if ((findingIds == null) === (target == null || name == null)) throw new InputInvalid('Provide either input.findingIds, or input.target and input.name.');
    if (target != null) this.mustBeTarget('input.target', target);
    const scope =
      findingIds == null
        ? { target: target ?? '', name: name ?? '' }
        : { findingIds: findingIds.map((id, index) => checkedId(`input.findingIds[${index}]`, id)) };
    // A transaction for its locks; nothing is written.
    return store.transaction(actOf(context, clock()), (tx) => proposeRule(tx, engine, scope));
  }

  private mustBeTarget(argument: string, target: string): void {
    mustExist(argument, 'target', target, Object.keys(this.dependencies.configuration.targets));
  }
}
