import { InputInvalid, NotFound } from '@tenure/domain';
import type { QuarantinedAccount, Transaction } from '@tenure/store';
import { auditQuarantine } from './quarantine.ts';
import { tendQuarantineCases } from './tend-quarantine-cases.ts';

/**
 * Has an account brought back from quarantine as it was, with its memberships. Its finding is not corrected by itself any more.
 * @throws NotFound; InputInvalid when it has left the quarantine
 */
export async function restoreAccount(tx: Transaction, id: string, reason: string): Promise<QuarantinedAccount> {
  const account = await tx.quarantinedAccounts.lock(id);
  if (account === null) throw new NotFound(`id: no account in quarantine has the id ${id}`, { quarantinedAccountId: id });
  if (account.endedAt !== null)
    throw new InputInvalid(`id: the account has left the quarantine (${account.endReason ?? account.state})`, { quarantinedAccountId: id });
  const { now } = tx.context;
  // Nothing was changed yet where it was not looked at.
  const restored: QuarantinedAccount =
    account.memberships === null
      ? { ...account, state: 'restored', failure: null, nextAt: null, endedAt: now, endReason: 'restored', restoreReason: reason }
      : { ...account, state: 'restoring', attempts: 0, failure: null, nextAt: now, restoreReason: reason };
  await tx.quarantinedAccounts.save(restored);
  auditQuarantine(tx, account, { action: 'quarantine.restoreRequested', reason: { target: account.target } });
  await tendQuarantineCases(tx, account.target);
  return restored;
}
