import { Inject } from '@nestjs/common';
import { Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type ApplicationSettings, type ApplicationWarning, applicationWarnings } from '@tenure/config';
import { lettingEntitlements, type Policy, type PolicyDocument } from '@tenure/domain';
import { viewApplication } from '@tenure/engine/applications';
import { currentPolicy } from '@tenure/engine/policy';
import type { StoredGrant, StoredIdentity } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import type { Loaders } from '../../server/loaders.ts';
import { GrantType } from '../grants/grant.type.ts';
import { IdentityType } from '../identities/identity.type.ts';
import { InstantScalar } from '../scalars.ts';
import { ApplicationAccessType, ApplicationType } from './application.type.ts';
import { entrySentence } from './entry-sentence.ts';

@Resolver(() => ApplicationType)
@Allow(...readers)
export class ApplicationResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => [ApplicationType], {
    description: 'Applications of tenure.yaml, in the order of their names. For administrators, operators and auditors.',
  })
  async applications(): Promise<readonly ApplicationType[]> {
    const { store, engine } = this.dependencies;
    const { document } = await store.read((tx) => currentPolicy(tx, engine));
    const { applications } = engine.configuration;
    const warnings = await applicationWarnings({ applications, policy: document });
    return Object.values(applications)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((settings) => viewSettings(settings, document, warnings));
  }
}

@Resolver(() => IdentityType)
export class IdentityApplicationsResolver {
  /** Policy by request: it is read once for all people of a page. */
  readonly #policies = new WeakMap<Loaders, Promise<Policy>>();

  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => [ApplicationAccessType], {
    description: 'Access of the person to each application of tenure.yaml, in the order of their names.',
  })
  @Allow(...readers, 'self')
  async applications(@Parent() identity: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly ApplicationAccessType[]> {
    const { engine, clock } = this.dependencies;
    const [policy, grants, uses] = await Promise.all([
      this.policyOf(loaders),
      loaders.currentGrants.load(identity.id),
      loaders.applicationUses.load(identity.id),
    ]);
    return [...engine.applications.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((application) => {
        const { decision, since, until, lastUsedAt } = viewApplication(application, identity, grants, uses, policy, clock());
        return {
          application: application.name,
          title: engine.configuration.applications[application.name]?.title ?? application.name,
          mayEnter: decision.mayEnter,
          by: decision.mayEnter ? decision.by : [],
          refusal: decision.mayEnter ? null : decision.reason,
          sentence: entrySentence(decision, policy.document),
          since,
          until,
          lastUsedAt,
        };
      });
  }

  private policyOf(loaders: Loaders): Promise<Policy> {
    const { store, engine } = this.dependencies;
    const read = this.#policies.get(loaders) ?? store.read((tx) => currentPolicy(tx, engine));
    this.#policies.set(loaders, read);
    return read;
  }
}

@Resolver(() => GrantType)
export class GrantUseResolver {
  @ResolveField(() => InstantScalar, {
    nullable: true,
    description: 'Last entry into an application by the grant, of a role by its entitlements; null: it was not used, or lets nobody into an application.',
  })
  @Allow(...readers, 'self')
  async lastUsedAt(@Parent() grant: StoredGrant, @Context() { loaders }: GraphqlContext): Promise<string | null> {
    const { identityId, validFrom, endedAt } = grant;
    const names = await entitlementsOf(grant, loaders);
    // A use before the grant began, or after it ended, was by another grant of the same entitlement.
    const uses = (await loaders.applicationUses.load(identityId)).filter(
      ({ entitlement, lastAt }) => names.includes(entitlement) && lastAt >= validFrom && (endedAt === null || lastAt <= endedAt),
    );
    return (
      uses
        .map(({ lastAt }) => lastAt)
        .toSorted()
        .at(-1) ?? null
    );
  }
}

/** Entitlements by which a grant is used: of a role, those that the person has through it. */
async function entitlementsOf({ identityId, kind, name, endedAt }: StoredGrant, loaders: Loaders): Promise<readonly string[]> {
  if (kind === 'entitlement') return [name];
  const grants = await (endedAt === null ? loaders.currentGrants : loaders.allGrants).load(identityId);
  return grants.filter((grant) => grant.kind === 'entitlement' && grant.origins.some(({ viaRole }) => viaRole === name)).map((grant) => grant.name);
}

function viewSettings(settings: ApplicationSettings, document: PolicyDocument, warnings: readonly ApplicationWarning[]): ApplicationType {
  const { name, title, protocol, owner, address, target, mayUse, attributes, subject, onChange } = settings;
  return {
    name,
    title,
    protocol,
    owner: owner === null ? null : owner.kind === 'person' ? owner.userName : owner.name,
    address,
    target,
    mayUse: { entitlements: lettingEntitlements(settings, document), when: mayUse !== null && 'when' in mayUse ? mayUse.when : null },
    claims: Object.keys(attributes).sort(),
    subject,
    onChange,
    warnings: warnings.filter(({ application }) => application === name).map(({ message }) => message),
  };
}
