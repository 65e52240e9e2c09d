import type { ApplicationSession, Transaction } from '@tenure/store';

/** Logout that an application has asked for, by the name and the sessions that it knows. */
export interface ApplicationLogout {
  readonly application: string;
  /** Name of the person at the application: SAML NameID. */
  readonly subject: string;
  /** SessionIndex of each session that ends; empty: all of the person there. */
  readonly sessionIndexes: readonly string[];
  /** True if an application receives notifications of ends without the browser. */
  readonly canBeNotified: (application: string) => boolean;
}

/** Outcome of a logout that an application has asked for. */
export type ApplicationLogoutOutcome =
  /** The application has no such person or session: nothing ended. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'ended';
      /** `null`: all of the sessions had ended before. */
      readonly identityId: string | null;
      /** Applications of the same sessions that cannot be notified: their sessions there go on until they end by themselves. */
      readonly notNotified: readonly string[];
    };

/** Reason of an end of which the application itself need not be notified. */
export const LOGGED_OUT_THERE = 'logged out at the application';

/**
 * Logs a person out everywhere that the sessions reach which they have at one application (SAML profiles 4.4): these end, the sessions in Tenure above
 * them, and with those all that is below them.
 */
export async function logOutAtApplication(
  tx: Transaction,
  { application, subject, sessionIndexes, canBeNotified }: ApplicationLogout,
): Promise<ApplicationLogoutOutcome> {
  const { now } = tx.context;
  const named =
    sessionIndexes.length === 0 ? await tx.applicationSessions.ofSubject(application, subject, now) : await byIndexes(tx, application, sessionIndexes);
  // A session of somebody else's, or of another application's, is as unknown as one that never was.
  if (named === null || named.some((session) => session.subject !== subject)) return { kind: 'unknown' };
  if (named.length === 0 && (await tx.applicationPeople.withSubject(application, subject)) === null) return { kind: 'unknown' };
  const notNotified = new Set<string>();
  const open = named.filter(({ endedAt, expiresAt }) => endedAt === null && expiresAt > now);
  for (const { id, identityId, parentId } of open) {
    await tx.sessions.revoke(id, LOGGED_OUT_THERE, now);
    tx.audit.record({
      action: 'application.sessionEnded',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { application, why: LOGGED_OUT_THERE },
    });
    if (parentId === null) continue;
    for (const other of await tx.applicationSessions.below(parentId, null, now)) if (!canBeNotified(other.application)) notNotified.add(other.application);
    const ended = await tx.sessions.revoke(parentId, 'logged out at an application', now);
    if (ended.some((one) => one.id === parentId))
      tx.audit.record({ action: 'session.ended', subjectKind: 'session', subjectId: parentId, identityId, reason: { why: 'logged out at an application' } });
  }
  return { kind: 'ended', identityId: open[0]?.identityId ?? null, notNotified: [...notNotified].sort() };
}

/** Sessions with these indexes, ended ones too; `null`: the application has no session with one of them. */
async function byIndexes(tx: Transaction, application: string, indexes: readonly string[]): Promise<readonly ApplicationSession[] | null> {
  const found = await Promise.all([...new Set(indexes)].map((index) => tx.applicationSessions.byIndex(application, index)));
  return found.some((session) => session === null) ? null : (found as ApplicationSession[]);
}
