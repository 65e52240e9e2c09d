import { NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { tendLogoutCases } from './tend-logout-cases.ts';

/**
 * Has an application notified again of sessions whose end it refused, or that were given up. @returns number of sessions
 * @throws NotFound where there is no such application
 */
export async function retryLogoutNotifications(tx: Transaction, engine: Engine, application: string, reason: string): Promise<number> {
  if (!Object.hasOwn(engine.configuration.applications, application)) throw new NotFound(`there is no application ${application.slice(0, 100)}`, {});
  const sessions = await tx.logoutNotices.retry(application);
  tx.audit.record({
    action: 'application.logoutRetried',
    subjectKind: 'application',
    subjectId: application,
    identityId: null,
    reason: { application, sessions },
    personal: { reason },
  });
  await tendLogoutCases(tx, engine, [application]);
  return sessions;
}
