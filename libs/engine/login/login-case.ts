import type { PendingLogin, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { SubjectChange } from './may-link-login.ts';

/** Content of a case `ambiguous-login`: a login, its person, and why an administrator has to decide. */
export interface LoginQuestion {
  readonly recordId: string;
  readonly identityId: string;
  readonly provider: string;
  readonly why: PendingLogin['why'] | 'another-subject';
  /** Names of the keys that have changed. */
  readonly changed?: readonly string[];
  readonly change?: SubjectChange;
}

/** One question for each login: the record is the login's. */
export function loginCaseKey(recordId: string): string {
  return `ambiguous-login/${recordId}`;
}

/** Asks an administrator whether a login is still, or really, the person's whom it is bound to. */
export async function askAboutLogin(tx: Transaction, { identityId, ...evidence }: LoginQuestion): Promise<void> {
  await openCase(tx, { kind: 'ambiguous-login', key: loginCaseKey(evidence.recordId), identityId, target: null, operationId: null, evidence });
}

/** Closes the open cases about a login: whether it is the person's, and to whom its record belongs. */
export async function closeLoginCases(tx: Transaction, recordId: string, resolution: string): Promise<void> {
  for (const open of await tx.cases.openOfKeys([loginCaseKey(recordId), `ambiguous-record/${recordId}`])) await closeCase(tx, open, resolution);
}
