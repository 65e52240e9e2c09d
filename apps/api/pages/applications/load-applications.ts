import { applicationsOf, type OwnApplication } from '@tenure/engine/applications';
import type { Actor } from '@tenure/store';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { displayName } from '../../graphql/identities/view-attributes.ts';

/** An application on the pages of a person. */
export type ShownApplication = OwnApplication;

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
  const actor: Actor = { kind: 'person', id: identityId };
  const found = await store.transaction({ actor, correlationId, now: clock() }, (tx) => applicationsOf(tx, engine, identityId));
  return found === null ? null : { name: displayName(found.identity), timeZone: found.identity.timeZone, applications: found.applications };
}
