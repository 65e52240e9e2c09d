import type { Instant } from '@tenure/domain';
import type { LogoutNotice, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';

/** Certified end of a leaver's session at one application. */
export interface CertifiedSession {
  readonly id: string;
  readonly application: string;
  readonly title: string;
  /** Identity whose session it was: the person's, or one that was merged into it. */
  readonly identityId: string;
  readonly protocol: LogoutNotice['protocol'];
  readonly beganAt: Instant;
  /** When Tenure ended it. */
  readonly endedAt: Instant;
  /** `no-channel`: the application can be notified through a browser only. */
  readonly outcome: LogoutNotice['status'];
  /** When the application confirmed that it ended there, or that it knew of none; `null`: it has not. */
  readonly confirmedAt: Instant | null;
  /** Answer of the application, or why there is none, such as `HTTP_200`; `null`: it was not notified yet. */
  readonly code: string | null;
  /** Latest end of the session there, as the application was told when it began; `null`: it is known to have ended. */
  readonly openUntil: Instant | null;
}

/** Ends of sessions at applications since a termination, and of earlier ones that might have outlasted it; by application, the newest first. */
export async function certifiedSessions(
  tx: Transaction,
  { configuration }: Pick<Engine, 'configuration'>,
  { identityIds, endedAt }: { readonly identityIds: readonly string[]; readonly endedAt: Instant },
): Promise<readonly CertifiedSession[]> {
  const notices = await tx.logoutNotices.ofPeople(identityIds);
  return notices
    .filter((notice) => notice.endedAt >= endedAt || (notice.status !== 'confirmed' && notice.expiresAt > endedAt))
    .map(({ id, application, identityId, protocol, beganAt, endedAt: ended, status, settledAt, code, expiresAt }): CertifiedSession => {
      const isOver = status === 'confirmed' || status === 'expired';
      return {
        id,
        application,
        title: configuration.applications[application]?.title ?? application,
        identityId,
        protocol,
        beganAt,
        endedAt: ended,
        outcome: status,
        confirmedAt: status === 'confirmed' ? settledAt : null,
        code,
        openUntil: isOver ? null : expiresAt,
      };
    })
    .toSorted((a, b) => (a.application === b.application ? 0 : a.application < b.application ? -1 : 1));
}

/** True if no session can be open any more, and no application is still to be notified. */
export function areOver(sessions: readonly Pick<CertifiedSession, 'outcome' | 'openUntil'>[], now: Instant): boolean {
  return sessions.every(({ outcome, openUntil }) => outcome !== 'waiting' && (openUntil === null || openUntil <= now));
}
