import type { FindingKind } from '@tenure/domain';
import type { FindingCount, NewCase, ReconciliationRun, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { tendRestored } from './tend-restored.ts';

/** Kinds of findings that are only listed; nobody has to act on them. */
const WITHOUT_CASE: ReadonlySet<FindingKind> = new Set(['protected-account']);

/** Cases of a target after a run: one for each kind and cause of open findings, one for leavers who can use an account, one where it was not read completely. */
export async function tendFindingCases(tx: Transaction, run: ReconciliationRun): Promise<void> {
  const { target } = run;
  await tx.cases.takeTurn(target);
  const counts = await tx.findings.counts(target);
  await tendUnread(tx, run);
  await tendLeavers(
    tx,
    target,
    counts.reduce((sum, { urgent }) => sum + urgent, 0),
  );
  await tendFindings(tx, target, counts);
  await tendRestored(tx, target);
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

async function tendFindings(tx: Transaction, target: string, counts: readonly FindingCount[]): Promise<void> {
  const wanted = counts.flatMap(({ kind: finding, name, count, urgent }): NewCase[] => {
    // Urgent ones have a case of their own.
    const findings = count - urgent;
    if (findings === 0 || WITHOUT_CASE.has(finding)) return [];
    const key = `reconciliation-findings/${target}/${finding}/${name}`;
    return [{ kind: 'reconciliation-findings', key, identityId: null, target, operationId: null, evidence: { target, finding, name, findings } }];
  });
  for (const one of wanted) await openCase(tx, one);
  for (const open of await tx.cases.openOfTarget('reconciliation-findings', target))
    if (!wanted.some(({ key }) => key === open.key)) await closeCase(tx, open, 'no such finding is open any more');
}
