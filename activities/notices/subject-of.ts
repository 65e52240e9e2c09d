import type { Notice } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isForThem } from '../inbox/answerer-of.ts';
import type { Subject } from './still-holds.ts';

/** Reads what a notice speaks of. @param readerId whom a mail is written to; `null`: a webhook */
export async function subjectOf(tx: Transaction, { about }: Pick<Notice, 'about'>, readerId: string | null): Promise<Subject> {
  const request = about.requestId === undefined ? null : ((await tx.requests.whole([about.requestId]))[0] ?? null);
  const open = about.caseId === undefined ? null : await tx.cases.get(about.caseId);
  const person = about.identityId === undefined ? null : await tx.identities.get(about.identityId);
  const isTheirs = open !== null && readerId !== null && (await isForThem(tx, open, readerId));
  return { request, case: open, person, isTheirs };
}
