import { type FindingHandlings, handlingOf } from '@tenure/domain';
import type { FindingCount, NewCase, ReconciliationRun, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { isObserved } from './is-observed.ts';
import { tendRestored } from './tend-restored.ts';

/**
 * Cases of a target after a run: one for each kind and cause of open findings, one for leavers who can use an account, one where it was not read
 * completely.
 */
export async function tendFindingCases(tx: Transaction, run: ReconciliationRun, handlings: FindingHandlings): Promise<void> {
  await tx.cases.takeTurn(run.target);
  await tendUnread(tx, run);
  await tendOpenFindings(tx, run.target, handlings);
}

/** Cases of the open findings of a target: after a run, and whenever their handling has changed. */
export async function tendOpenFindings(tx: Transaction, target: string, handlings: FindingHandlings): Promise<void> {
  await tx.cases.takeTurn(target);
  const counts = await tx.findings.counts(target, tx.context.now);
  await tendLeavers(
    tx,
    target,
    counts.reduce((sum, { urgent }) => sum + urgent, 0),
  );
  await tendFindings(tx, target, counts, (await isObserved(tx, target)) ? uncorrected(handlings) : handlings);
  await tendRestored(tx, target);
}

/** Handling in a target that is only observed: nothing is corrected there. */
function uncorrected(handlings: FindingHandlings): FindingHandlings {
  return Object.fromEntries(Object.entries(handlings).filter(([, handling]) => handling !== 'correct'));
}

async function tendUnread(tx: Transaction, { id, target, verdict, reasons, accounts, failure, missingCanaries }: ReconciliationRun): Promise<void> {
  const key = `target-not-read/${target}`;
  if (verdict === 'complete') return closeCase(tx, await tx.cases.openOfKey(key), 'a later run read the target completely');
  if (verdict === null) return;
  const evidence = { target, runId: id, verdict, reasons, accounts, code: failure?.reason ?? failure?.code ?? null, canaries: missingCanaries };
  await openCase(tx, { kind: 'target-not-read', key, identityId: null, target, operationId: null, evidence });
}

async function tendLeavers(tx: Transaction, target: string, findings: number): Promise<void> {
  const key = `leaver-with-access/${target}`;
  if (findings === 0) return closeCase(tx, await tx.cases.openOfKey(key), 'no such account is found any more');
  await openCase(tx, { kind: 'leaver-with-access', key, identityId: null, target, operationId: null, evidence: { target, findings } });
}

async function tendFindings(tx: Transaction, target: string, counts: readonly FindingCount[], handlings: FindingHandlings): Promise<void> {
  const wanted = counts.flatMap(({ kind: finding, name, count, urgent, correctable }): NewCase[] => {
    const handling = handlingOf(handlings, finding);
    // Urgent ones have a case of their own, and those that are being corrected need nobody.
    const findings = count - urgent - (handling === 'correct' ? correctable : 0);
    if (findings === 0 || handling === 'ignore') return [];
    const key = `reconciliation-findings/${target}/${finding}/${name}`;
    return [{ kind: 'reconciliation-findings', key, identityId: null, target, operationId: null, evidence: { target, finding, name, findings } }];
  });
  for (const one of wanted) await openCase(tx, one);
  for (const open of await tx.cases.openOfTarget('reconciliation-findings', target))
    if (!wanted.some(({ key }) => key === open.key)) await closeCase(tx, open, 'no such finding is open any more');
}
