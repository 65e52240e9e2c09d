import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { standsInFor } from '@tenure/engine/approvers';
import { InputInvalid, shownEvidence } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import type { Caller } from '@tenure/engine/callers';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { displayName } from '../identities/view-attributes.ts';
import {
  claimCase,
  commentCase,
  decideApplicationAddressOf,
  decideLoginOf,
  decideRecordOf,
  reassignCase,
  releaseCase,
  resolveCase,
} from '@tenure/engine/cases';
import { CaseType, AssignedCaseType } from './case.type.ts';
import { type CaseView, viewCases } from './view-cases.ts';

/** Mutations for the owners of cases, and for operators in their place. */
@Resolver()
@Allow('admin', 'operator', 'self')
export class OwnCaseResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [AssignedCaseType], {
    description:
      'Open cases that are assigned to you or to a person whose deputy you are, the earliest deadline first. All that you may answer: cases(filter: { mine: true }).',
  })
  @Allow('self')
  async myCases(@Context() context: GraphqlContext): Promise<readonly AssignedCaseType[]> {
    const { id } = callerOf(context);
    const { found, others } = await this.dependencies.store.read(async (tx) => {
      const inPlaceOf = await standsInFor(tx, id, this.dependencies.clock());
      return { found: await tx.cases.openOfOwners([id, ...inPlaceOf.map((one) => one.id)]), others: inPlaceOf };
    });
    const cases = found.filter(({ ownerId, identityId }) => {
      if (ownerId === id || identityId === null) return true;
      return identityId !== id && !others.some((one) => one.id === ownerId && one.through.includes(identityId));
    });
    return Promise.all(
      cases.map(async ({ identityId, ...own }) => {
        const subject = identityId === null ? null : await context.loaders.identity.load(identityId);
        return { ...own, evidence: shownEvidence(own.kind, own.evidence), subjectName: subject === null ? null : displayName(subject) };
      }),
    );
  }

  @Mutation(() => CaseType, { description: 'Closes a case with an answer in words. For people who may answer the case, and operators.' })
  resolveCase(
    @Args('id', { type: () => ID, description: 'Id of the case.' }) id: string,
    @Args('resolution', { type: () => String, description: 'Description of what was done, 1 to 1000 characters.' }) resolution: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    return this.act(context, id, (tx, caller) => resolveCase(tx, caller, id, resolution));
  }

  @Mutation(() => CaseType, {
    description:
      'Assigns a case to another person, or to all holders of a role or entitlement. Without ownerId and ownerGroup any operator may answer it. For people who may answer the case, and operators.',
  })
  reassignCase(
    @Args('id', { type: () => ID, description: 'Id of the case.' }) id: string,
    @Args('ownerId', { type: () => ID, nullable: true, description: 'Id of a person. Absent: no single person.' }) ownerId: string | null,
    @Args('ownerGroup', { type: () => String, nullable: true, description: 'Name of a role or entitlement. Absent: no group.' }) ownerGroup: string | null,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    if (ownerId != null && ownerGroup != null) throw new InputInvalid('Provide ownerId or ownerGroup, not both.');
    const owner = { ownerId: ownerId == null ? null : checkedId('ownerId', ownerId), ownerGroup: ownerGroup ?? null };
    return this.act(context, id, (tx, caller) => reassignCase(tx, this.dependencies.engine, caller, id, owner, reason));
  }

  @Mutation(() => CaseType, {
    description:
      'Decides a case AMBIGUOUS_RECORD: links the record to one of the candidates, or to a new person. Refused with INPUT_INVALID if the record has changed since it was read. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  decideRecord(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('identityId', { type: () => ID, nullable: true, description: 'Id of one of the candidates. Absent: newPerson is true.' }) identityId: string | null,
    @Args('newPerson', { type: () => Boolean, defaultValue: false, description: 'True: creates a new person; identityId is then absent.' }) newPerson: boolean,
    @Args('version', { type: () => String, description: described.recordVersion }) version: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    if ((identityId == null) !== newPerson) throw new InputInvalid('Provide either identityId or newPerson.');
    const whose = identityId == null ? null : checkedId('identityId', identityId);
    return this.act(context, checkedId('caseId', caseId), (tx, caller) =>
      decideRecordOf(tx, this.dependencies.engine, caller, { caseId, identityId: whose, version, reason }),
    );
  }

  @Mutation(() => CaseType, {
    description:
      'Links the login of a case AMBIGUOUS_RECORD to a person who has another login at the same provider (an account that was created again, another issuer or name identifier format), and ends the binding and sessions of the other login. For administrators.',
  })
  @Allow('admin')
  rebindLogin(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('identityId', { type: () => ID, description: 'Id of one of the candidates of the case.' }) identityId: string,
    @Args('version', { type: () => String, description: described.recordVersion }) version: string,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    const whose = checkedId('identityId', identityId);
    const { engine } = this.dependencies;
    return this.act(context, checkedId('caseId', caseId), (tx, caller) =>
      decideRecordOf(tx, engine, caller, { caseId, identityId: whose, version, reason, rebind: true }),
    );
  }

  @Mutation(() => CaseType, {
    description:
      'Decides a case AMBIGUOUS_LOGIN, though not about your own login: confirms the login with its present keys, or ends its binding, its sessions and the tokens that the person created since. For administrators.',
  })
  @Allow('admin')
  decideLogin(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('samePerson', { type: () => Boolean, description: 'True: confirms the login. False: ends its binding.' }) samePerson: boolean,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    return this.act(context, checkedId('caseId', caseId), (tx, caller) => decideLoginOf(tx, this.dependencies.engine, caller, { caseId, samePerson, reason }));
  }

  @Mutation(() => CaseType, {
    description:
      'Decides a case APPLICATION_ADDRESS: passes the address on to the person, so that the application takes them for the account that it knows by it, or refuses them the application as long as they have that address. For administrators and operators.',
  })
  @Allow('admin', 'operator')
  decideApplicationAddress(
    @Args('caseId', { type: () => ID, description: 'Id of the case.' }) caseId: string,
    @Args('mayBeSent', { type: () => Boolean, description: 'True: the application receives the address for this person. False: it does not.' })
    mayBeSent: boolean,
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    return this.act(context, checkedId('caseId', caseId), (tx, caller) => decideApplicationAddressOf(tx, caller, { caseId, mayBeSent, reason }));
  }

  @Mutation(() => CaseType, {
    description:
      'Claims a case for you: others see that you work on it. Refused with CASE_CLAIMED if another person has claimed it. For people who may answer the case.',
  })
  claimCase(@Args('id', { type: () => ID, description: 'Id of the case.' }) id: string, @Context() context: GraphqlContext): Promise<CaseView> {
    return this.act(context, id, (tx, caller) => claimCase(tx, caller, id));
  }

  @Mutation(() => CaseType, {
    description: 'Releases a case that you have claimed; operators can release it for others. For people who may answer the case, and operators.',
  })
  releaseCase(@Args('id', { type: () => ID, description: 'Id of the case.' }) id: string, @Context() context: GraphqlContext): Promise<CaseView> {
    return this.act(context, id, (tx, caller) => releaseCase(tx, caller, id));
  }

  @Mutation(() => CaseType, { description: 'Adds a comment to a case. For people who may answer the case, and operators.' })
  commentCase(
    @Args('id', { type: () => ID, description: 'Id of the case.' }) id: string,
    @Args('text', { type: () => String, description: 'Text, 1 to 1000 characters.' }) text: string,
    @Context() context: GraphqlContext,
  ): Promise<CaseView> {
    return this.act(context, id, (tx, caller) => commentCase(tx, caller, id, text));
  }

  private async act(context: GraphqlContext, id: string, work: (tx: Transaction, caller: Caller) => Promise<void>): Promise<CaseView> {
    const { store, clock } = this.dependencies;
    checkedId('id', id);
    await store.transaction(actOf(context, clock()), (tx) => work(tx, callerOf(context)));
    const found = await store.read((tx) => tx.inbox.get(id));
    const [view] = await viewCases(found === null ? [] : [found], context, clock());
    if (view === undefined) throw new Error(`case ${id} is gone`);
    return view;
  }
}
