import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { accessAt, type ForecastChange, type AccessSimulation, type PastAccess, type Previews } from '@tenure/engine/previews';
import { checkFacts, type Facts, type Grant, grantsAt, type Identity, InputInvalid, NotFound } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken, previewsToken } from '../../server/dependencies.ts';
import { targetTitle } from '@tenure/config';
import { viewGrants } from '../grants/view-grants.ts';
import { checkedId, pageSize } from '../connection.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { AccessAtType, ForecastChangeType, type PlannedChangeType, AccessSimulationType } from './preview.type.ts';

type AccessOf = PastAccess & { readonly person: Pick<Identity, 'id' | 'relationships'> };

/** Most decisions for one forecast. */
const mostTurns = 1_000;

/** Past access, forecasts and simulations. */
@Resolver(() => IdentityType)
@Allow(...readers)
export class PreviewResolver {
  constructor(
    @Inject(dependenciesToken) private readonly dependencies: ApiDependencies,
    @Inject(previewsToken) private readonly previews: Previews,
  ) {}

  @Query(() => AccessAtType, {
    description:
      'Access of a person at a past instant, or at a future one as far as is known today, with its reasons. For administrators, operators and auditors.',
  })
  async accessAt(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('instant', { type: () => InstantScalar, description: 'Past or future instant.' }) instant: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessAtType> {
    const { clock, configuration } = this.dependencies;
    const { loaders } = context;
    const id = checkedId('identityId', identityId);
    if ((await loaders.identity.load(id)) === null) throw new NotFound(`there is no identity ${id}`, { identityId: id });
    const isForecast = instant > clock();
    const { state, why, grants, person } = isForecast ? await this.accessAhead(context, id, instant) : await this.accessThen(id, instant);
    return { identityId: id, instant, isForecast, state, why, grants: await viewGrants(grants, person, instant, loaders, configuration) };
  }

  @Query(() => AccessSimulationType, {
    description: 'Access that a person would have with other facts or at another instant. Nothing is stored. For administrators, operators and auditors.',
  })
  async simulateAccess(
    @Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string,
    @Args('facts', { type: () => JsonScalar, nullable: true, description: 'Changed attributes by name; the value null: the person has none. Absent: none.' })
    facts: unknown,
    @Args('at', { type: () => InstantScalar, nullable: true, description: 'Instant to simulate. Absent: now.' }) at: string | null,
    @Context() context: GraphqlContext,
  ): Promise<AccessSimulationType> {
    const { clock, configuration } = this.dependencies;
    const { loaders } = context;
    const id = checkedId('identityId', identityId);
    const supposed = this.checkedFacts(facts ?? {});
    const now = clock();
    const questions = [
      { at: now, facts: {} },
      { at: at ?? now, facts: supposed },
    ];
    const [today, then] = (await this.previews.simulate(callerOf(context).id, id, questions)) as [AccessSimulation, AccessSimulation];
    const before = grantsAt(today.decision.grants, today.at);
    const after = grantsAt(then.decision.grants, then.at);
    const view = (grants: readonly Grant[], { at: instant, decision }: AccessSimulation) =>
      viewGrants(grants, decision.identity, instant, loaders, configuration);
    const { lifecycle, violations, nextWakeUp } = then.decision;
    return {
      at: then.at,
      state: lifecycle.state,
      why: lifecycle.why,
      gained: await view(
        after.filter((grant) => !has(before, grant)),
        then,
      ),
      lost: await view(
        before.filter((grant) => !has(after, grant)),
        today,
      ),
      kept: await view(
        after.filter((grant) => has(before, grant)),
        then,
      ),
      withheld: violations,
      changes: this.changes(then),
      nextWakeUp,
    };
  }

  @ResolveField(() => [ForecastChangeType], {
    description: 'Changes of access that follow without new facts, the next first. For administrators, operators and auditors.',
  })
  async forecast(
    @Parent() { id }: StoredIdentity,
    @Args('until', { type: () => InstantScalar, nullable: true, description: 'Latest instant. Absent: no limit.' }) until: string | null,
    @Args('first', { type: () => Int, defaultValue: 10, description: 'Number of changes, 1 to 100.' }) first: number,
    @Context() context: GraphqlContext,
  ): Promise<readonly ForecastChange[]> {
    const question = { from: this.dependencies.clock(), until: until ?? '9999-12-31T23:59:59.999Z', most: mostTurns };
    return (await this.previews.forecast(callerOf(context).id, id, question)).slice(0, pageSize(first));
  }

  private async accessAhead(context: GraphqlContext, id: string, at: string): Promise<AccessOf> {
    const [foresight] = await this.previews.simulate(callerOf(context).id, id, [{ at, facts: {} }]);
    const { lifecycle, grants, identity } = (foresight as AccessSimulation).decision;
    return { state: lifecycle.state, why: lifecycle.why, grants: grantsAt(grants, at), person: identity };
  }

  /** Access at a past instant. The end of the person, as known then, is part of the grants already. */
  private async accessThen(id: string, at: string): Promise<AccessOf> {
    return { ...(await this.dependencies.store.read((tx) => accessAt(tx, id, at))), person: { id, relationships: [] } };
  }

  private checkedFacts(facts: NonNullable<unknown>): Facts {
    if (typeof facts !== 'object' || Array.isArray(facts)) throw new InputInvalid('facts must be an object of attributes');
    const checked = checkFacts(facts as Readonly<Record<string, unknown>>, this.dependencies.configuration.attributes);
    const [problem] = checked.problems;
    if (problem !== undefined) throw new InputInvalid(`facts.${problem.attribute.slice(0, 100)}: ${problem.message}`);
    return checked.facts;
  }

  private changes({ plans }: AccessSimulation): readonly PlannedChangeType[] {
    return plans.flatMap(({ target, changes }) =>
      changes.map((change) => ({
        target,
        targetTitle: targetTitle(this.dependencies.configuration, target),
        kind: change.kind,
        entitlement: 'entitlement' in change ? change.entitlement : null,
        attributes: 'attributes' in change ? Object.keys(change.attributes).sort() : [],
      })),
    );
  }
}

function has(grants: readonly Grant[], { kind, name }: Grant): boolean {
  return grants.some((grant) => grant.kind === kind && grant.name === name);
}
