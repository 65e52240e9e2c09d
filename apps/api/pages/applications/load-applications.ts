import type { ApplicationSettings } from '@tenure/config';
import { type PersonsApplication, requestableAccess, viewApplication } from '@tenure/engine/applications';
import { currentPolicy } from '@tenure/engine/policy';
import { type CatalogueEntry, catalogueFor } from '@tenure/engine/requests';
import type { Actor } from '@tenure/store';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { displayName } from '../../graphql/identities/view-attributes.ts';

/** An application on the pages of a person. */
export interface ShownApplication extends PersonsApplication {
  readonly settings: ApplicationSettings;
  /** Roles and entitlements that would let the person in, and that they may request or have requested. */
  readonly requestable: readonly CatalogueEntry[];
}

export interface ShownApplications {
  readonly name: string;
  /** IANA name of where the person works. */
  readonly timeZone: string;
  readonly applications: readonly ShownApplication[];
}

/** Applications of the configuration as a person may use and request them, by title; `null`: there is no such person. */
export async function loadApplications(
  { store, engine, clock }: Pick<ApiDependencies, 'store' | 'engine' | 'clock'>,
  identityId: string,
  correlationId: string,
): Promise<ShownApplications | null> {
  const { configuration } = engine;
  const all = Object.values(configuration.applications).toSorted((a, b) => a.title.localeCompare(b.title, 'en'));
  const actor: Actor = { kind: 'person', id: identityId };
  // A transaction for the lock of the catalogue; nothing is written.
  return store.transaction({ actor, correlationId, now: clock() }, async (tx) => {
    const identity = await tx.identities.get(identityId);
    if (identity === null) return null;
    const policy = await currentPolicy(tx, engine);
    const grants = await tx.access.currentGrants([identityId]);
    const uses = await tx.applicationPeople.usesOf([identityId]);
    const views = all.flatMap((settings) => {
      const application = engine.applications.get(settings.name);
      return application === undefined ? [] : [{ settings, ...viewApplication(application, identity, grants, uses, policy, tx.context.now) }];
    });
    // The catalogue is evaluated only where somebody lacks access.
    const isLacking = views.some(({ decision }) => !decision.mayEnter && decision.reason === 'no-access');
    const catalogue = isLacking ? await catalogueFor(tx, engine, { id: identityId, roles: new Set(['self']) }, identityId) : [];
    const applications = views.map((view) => {
      const requestable = view.decision.mayEnter ? [] : requestableAccess(engine, view.application, policy.document, catalogue);
      return { ...view, requestable };
    });
    return { name: displayName(identity), timeZone: identity.timeZone, applications };
  });
}
