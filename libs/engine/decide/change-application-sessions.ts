import { decideEntry } from '@tenure/domain';
import type { AuditEntry } from '@tenure/store';
import { claimsDigest } from '../applications/claims-digest.ts';
import type { ChangedApplicationSessions, DecidedPerson, Terms } from './effects.ts';

type Why = 'may no longer enter' | 'other claims' | 'application removed';

/**
 * Compares what each application received with what it would receive now. A session ends if the person may no longer enter, and if the claims are
 * others, unless the application receives them at its next request (`onChange: next-request`).
 */
export function changeApplicationSessions(
  { person, question: { now, policy }, access: { identity, lifecycle, grants } }: DecidedPerson,
  { applications, configuration, inForce }: Pick<Terms, 'applications' | 'configuration' | 'inForce'>,
): ChangedApplicationSessions & { readonly audit: readonly AuditEntry[] } {
  const { next, state } = lifecycle;
  const endsAt = next !== null && next.state !== 'active' ? next.at : null;
  const changeOf = (session: (typeof person.applicationSessions)[number]): Why | 'outdated' | null => {
    const application = applications.get(session.application);
    // A process with an older configuration may not know the application yet; one with the newer decides again.
    if (application === undefined) return inForce.isBehind === true ? null : 'application removed';
    const decision = decideEntry({ application, identity, state, endsAt, grants, policy: policy.document, now });
    if (!decision.mayEnter) return 'may no longer enter';
    const isRenamed = application.subject === 'email' && identity.attributes['email']?.value !== session.subject;
    if (!isRenamed && claimsDigest(decision.claims) === session.claimsDigest) return null;
    return configuration.applications[session.application]?.onChange === 'next-request' ? 'outdated' : 'other claims';
  };
  const open = person.applicationSessions.filter(({ expiresAt }) => expiresAt > now);
  const changes = open.flatMap((session) => {
    const change = changeOf(session);
    return change === null ? [] : [{ session, change }];
  });
  const ended = changes.flatMap(({ session, change }) => (change === 'outdated' ? [] : [{ ...session, why: change }]));
  return {
    ended: ended.map(({ id, why }) => ({ id, why })),
    outdated: changes.flatMap(({ session: { id, outdatedAt }, change }) => (change === 'outdated' && outdatedAt === null ? [id] : [])),
    audit: ended.map(({ id, application, why }) => ({
      action: 'application.sessionEnded',
      subjectKind: 'session',
      subjectId: id,
      identityId: identity.id,
      reason: { application, why },
    })),
  };
}
