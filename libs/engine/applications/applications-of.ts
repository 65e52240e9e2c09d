import type { ApplicationSettings } from '@tenure/config';
import { type CatalogueEntry, catalogueFor } from '../requests/index.ts';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { requestableAccess } from './requestable-access.ts';
import { type PersonsApplication, viewApplication } from './view-application.ts';

/** An application as a person may use and request it. */
export interface OwnApplication extends PersonsApplication {
  readonly settings: ApplicationSettings;
  /** Roles and entitlements that would let the person in, and that they may request or have requested. */
  readonly requestable: readonly CatalogueEntry[];
}

/**
 * Applications of the configuration as a person may use and request them, by title. Needs a transaction, for the lock of the catalogue; nothing is
 * written.
 * @returns `null`: there is no such person
 */
export async function applicationsOf(
  tx: Transaction,
  engine: Engine,
  identityId: string,
): Promise<{ readonly identity: StoredIdentity; readonly applications: readonly OwnApplication[] } | null> {
  const all = Object.values(engine.configuration.applications).toSorted((a, b) => a.title.localeCompare(b.title, 'en'));
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
  return { identity, applications };
}
