import type { CaseEvidence } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Evidence of a case `ambiguous-login`, and the person to whom the login is bound. */
export type LoginQuestion = CaseEvidence['ambiguous-login'] & { readonly identityId: string };

/** Key of the case about a login: the record is the login's. */
export function loginCaseKey(recordId: string): string {
  return `ambiguous-login/${recordId}`;
}

/** Opens the case in which an administrator decides whether a login still, or really, belongs to the person to whom it is bound. */
export async function askAboutLogin(tx: Transaction, { identityId, ...evidence }: LoginQuestion): Promise<void> {
  await openCase(tx, { kind: 'ambiguous-login', key: loginCaseKey(evidence.recordId), identityId, target: null, operationId: null, evidence });
}

/** Closes the open cases about a login: about its person, and about the person of its record. */
export async function closeLoginCases(tx: Transaction, recordId: string, resolution: string): Promise<void> {
  for (const open of await tx.cases.openOfKeys([loginCaseKey(recordId), `ambiguous-record/${recordId}`])) await closeCase(tx, open, resolution);
}
