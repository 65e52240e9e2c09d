import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { grantsAt, InputInvalid, type Instant, NotFound, TENURE_TARGET } from '@tenure/domain';
import type { ServiceToken, Transaction } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import { type Caller, roles as knownRoles } from '../access/caller.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { checkedId } from '../graphql/connection.ts';
import { mustExist } from '../graphql/must-exist.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { CreatedServiceToken, CreateServiceTokenInput, ServiceTokenType } from './service-token.type.ts';

/** Milliseconds: a leap year. */
const longestLife = 366 * 24 * 3600 * 1000;

@Resolver()
@Allow('admin')
export class ServiceTokenResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [ServiceTokenType], { description: 'The newest first, those that are over too.' })
  serviceTokens(): Promise<readonly ServiceToken[]> {
    return this.dependencies.store.read((tx) => tx.sessions.serviceTokens());
  }

  @Mutation(() => CreatedServiceToken)
  async createServiceToken(
    @Args('input', { type: () => CreateServiceTokenInput }) input: CreateServiceTokenInput,
    @Context() context: GraphqlContext,
  ): Promise<CreatedServiceToken> {
    await context.countToken();
    const { store, clock } = this.dependencies;
    const caller = callerOf(context);
    const { kind, id, personId } = caller;
    // Who stands behind a token stands behind what is made with it.
    const wanted = { ...this.checked(input), createdBy: personId === null ? `${kind} ${id}` : `person ${personId}` };
    return store.transaction(actOf(context, clock()), async (tx) => {
      const until = await this.mayLastUntil(tx, caller);
      if (until !== null && wanted.expiresAt > until)
        throw new InputInvalid('input.expiresAt is later than the end of your own right to make tokens', { until });
      return tx.sessions.createServiceToken(wanted, tx.context.now);
    });
  }

  @Mutation(() => ServiceTokenType, { description: 'Ends a token at once.' })
  async revokeServiceToken(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<ServiceToken> {
    const { store, clock } = this.dependencies;
    return store.transaction(actOf(context, clock()), async (tx) => {
      const isNew = await tx.sessions.revokeServiceToken(checkedId('id', id), tx.context.now);
      const token = (await tx.sessions.serviceTokens()).find((one) => one.id === id);
      if (token === undefined) throw new NotFound(`there is no service token ${id}`, { id });
      if (isNew)
        tx.audit.record({
          action: 'serviceToken.revoked',
          subjectKind: 'serviceToken',
          subjectId: id,
          identityId: null,
          reason: { name: token.name, roles: token.roles },
        });
      return token;
    });
  }

  /** Nobody hands out for longer than they have it: emergency access, or any that ends. `null`: no end is known. */
  private async mayLastUntil(tx: Transaction, { kind, personId, expiresAt }: Caller): Promise<Instant | null> {
    if (personId === null) return null;
    if (kind === 'service') return expiresAt;
    const { document } = await this.dependencies.loop.currentPolicy(tx);
    const grants = grantsAt(await tx.access.currentGrants([personId]), tx.context.now);
    const ends = grants.flatMap(({ name, validUntil }) => {
      const { target, value } = document.entitlements[name] ?? {};
      return target === TENURE_TARGET && value === 'admin' ? [validUntil] : [];
    });
    return ends.reduce<Instant | null>((last, end) => (last === null || end === null ? null : end > last ? end : last), ends[0] ?? null);
  }

  private checked({ name, roles, expiresAt }: CreateServiceTokenInput): { name: string; roles: readonly string[]; expiresAt: string } {
    const { clock, configuration } = this.dependencies;
    const valid = [...knownRoles.filter((role) => role !== 'self'), ...Object.keys(configuration.sources).map((source) => `source:${source}`)];
    const wrong = roles.find((role) => !valid.includes(role));
    if (wrong !== undefined) mustExist('input.roles', 'role', wrong, valid);
    if (roles.length === 0) throw new InputInvalid('input.roles: a token needs a role');
    if (name.trim() === '' || name.length > 100) throw new InputInvalid('input.name must have 1 to 100 characters');
    const life = Date.parse(expiresAt) - Date.parse(clock());
    if (life <= 0 || life > longestLife) throw new InputInvalid('input.expiresAt must lie ahead, at most a year');
    return { name: name.trim(), roles: [...new Set(roles)], expiresAt };
  }
}
