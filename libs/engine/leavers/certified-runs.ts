import { targetTitle } from '@tenure/config';
import type { FindingKind, Instant, ReadingVerdict, TargetMode } from '@tenure/domain';
import type { Finding, ReconciliationRun, StoredAccount, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';

/** Result of reconciliation about a leaver in one target, accounts under other names included. */
export interface CertifiedReconciliation {
  readonly target: string;
  readonly title: string;
  /** Mode of the target; `null`: it was not contacted yet. */
  readonly mode: TargetMode | null;
  /** The last run after the end that was believed; `null`: there was none, so nothing is known of accounts that Tenure does not manage. */
  readonly run: CertifiedRun | null;
  /** Open findings about this person, the newest first. */
  readonly findings: readonly CertifiedFinding[];
}

export interface CertifiedRun {
  readonly id: string;
  readonly startedAt: Instant;
  readonly verdict: ReadingVerdict;
  /** Number of accounts that it read. */
  readonly accounts: number;
  /**
   * True if it proves what it did not find: it read the target completely, and could speak about the person's account there. False: what it does not
   * show may be there all the same.
   */
  readonly provesAbsence: boolean;
}

export interface CertifiedFinding {
  readonly id: string;
  readonly kind: FindingKind;
  /** Group or attribute; `''`: the account as a whole. */
  readonly name: string;
  /** Id of the account in the target; `null`: there is no account. */
  readonly nativeId: string | null;
  /** User name there of an account that Tenure does not manage; `null`: the managed account. */
  readonly userName: string | null;
  /** State of the account; `null`: the target does not report it, or there is no account. */
  readonly enabled: boolean | null;
  /** True if the person can use it. */
  readonly isUrgent: boolean;
  readonly lastSeenAt: Instant;
}

/** Maximum number of findings that a certificate contains. */
const mostFindings = 100;

/**
 * Last believed run after the end, and open findings about the person, in each target: of the configuration, and with an account of the person.
 * @param identityIds the identity, and those that were merged into it
 */
export async function certifiedRuns(
  tx: Transaction,
  { configuration }: Engine,
  { identityIds, endedAt, accounts }: { readonly identityIds: readonly string[]; readonly endedAt: Instant; readonly accounts: readonly StoredAccount[] },
): Promise<readonly CertifiedReconciliation[]> {
  const modes = await tx.targetModes.all();
  const open: Finding[] = [];
  for (const identityId of identityIds) open.push(...(await tx.findings.page({ identityId, status: 'open' }, mostFindings, null)));
  const targets = new Set([...Object.keys(configuration.targets), ...[...accounts, ...open].map(({ target }) => target)]);
  const certified: CertifiedReconciliation[] = [];
  for (const target of [...targets].sort()) {
    const run = await tx.reconciliationRuns.lastBelieved(target, endedAt);
    const own = accounts.filter((account) => account.target === target).map(({ id }) => id);
    certified.push({
      target,
      title: targetTitle(configuration, target),
      mode: modes.find((one) => one.target === target)?.mode ?? null,
      run: run === null ? null : await certifiedRun(tx, run, own),
      findings: open.filter((finding) => finding.target === target).map(certifiedFinding),
    });
  }
  return certified;
}

async function certifiedRun(tx: Transaction, run: ReconciliationRun, own: readonly string[]): Promise<CertifiedRun> {
  const { id, startedAt, verdict, accounts } = run;
  const isSilent = own.length > 0 && (await tx.unprovenAccounts.among(run, own)).length > 0;
  return { id, startedAt: startedAt ?? run.requestedAt, verdict: verdict ?? 'not-believed', accounts, provesAbsence: verdict === 'complete' && !isSilent };
}

function certifiedFinding({ id, kind, name, nativeId, userName, evidence, isUrgent, lastSeenAt }: Finding): CertifiedFinding {
  return { id, kind, name, nativeId, userName, enabled: evidence.enabled ?? null, isUrgent, lastSeenAt };
}
