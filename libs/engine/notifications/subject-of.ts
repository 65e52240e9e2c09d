import type { Notification } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import { isForThem } from '../approvers/answerer-of.ts';
import { isAboutLife, type Subject } from './still-applies.ts';

/**
 * Subject of a notification, as it is now.
 * @param to recipient; `null`: a webhook
 */
export async function subjectOf(tx: Transaction, { id, kind, about }: Notification, to: StoredIdentity | null): Promise<Subject> {
  const request = about.requestId === undefined ? null : ((await tx.requests.whole([about.requestId]))[0] ?? null);
  const open = about.caseId === undefined ? null : await tx.cases.get(about.caseId);
  const isTheirs = open !== null && (to === null || (await isForThem(tx, open, to.id)));
  const person = about.identityId === undefined ? null : await tx.identities.get(about.identityId);
  return { request, case: open, isTheirs, person, isSuperseded: isAboutLife(kind) && (await tx.notifications.isSuperseded(id)) };
}
