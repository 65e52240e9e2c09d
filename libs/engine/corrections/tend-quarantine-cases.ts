import type { NewCase, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Opens one case for each reason why accounts in quarantine wait for a person, with their number, and closes those whose reason is gone. */
export async function tendQuarantineCases(tx: Transaction, target: string): Promise<void> {
  await tx.cases.takeTurn(target);
  const wanted = (await tx.quarantinedAccounts.failures(target)).map(({ code, message, accounts }): NewCase => {
    const evidence = { target, code, message, accounts };
    return { kind: 'quarantine-failed', key: `quarantine-failed/${target}/${code}`, identityId: null, target, operationId: null, evidence };
  });
  for (const one of wanted) await openCase(tx, one);
  for (const open of await tx.cases.openOfTarget('quarantine-failed', target))
    if (!wanted.some(({ key }) => key === open.key)) await closeCase(tx, open, 'no account waits for this reason any more');
}
