import type { Transaction } from '@tenure/store';

/** Request of an application that waits for a login. */
export type WaitingRequest = Parameters<Transaction['applicationRequests']['add']>[0];

/** Stores the request of an application until its person has logged in. @param isNew answers false for one that was received before @returns its id; `null`: it was */
export async function keepRequest(tx: Transaction, request: WaitingRequest, isNew: (tx: Transaction) => Promise<boolean>): Promise<string | null> {
  if (!(await isNew(tx))) return null;
  await tx.applicationRequests.add(request);
  return request.id;
}
