import { FINDING_KINDS, handlingOf, provesPresence } from '@tenure/domain';
import type { BatchChange, ReconciliationRun, Transaction } from '@tenure/store';
import { reconciliationOf } from '@tenure/config';
import type { Engine } from '../decide/engine.ts';
import { isObserved } from '../reconciliation/is-observed.ts';
import { tendQuarantine } from './tend-quarantine.ts';
import { submitCorrections } from './submit-corrections.ts';

/**
 * Makes a batch change of the findings of a believed run that are to be corrected. A finding is corrected by itself once: one that is still there
 * afterwards, or whose correction somebody has discarded, is a case. Nothing is
 * corrected in a target that is only observed. Safe to repeat.
 */
export async function proposeCorrections(tx: Transaction, engine: Engine, run: ReconciliationRun): Promise<BatchChange | null> {
  const { id, target, verdict } = run;
  const settings = engine.configuration.targets[target];
  if (settings === undefined || verdict === null || !provesPresence(verdict)) return null;
  const { findings } = reconciliationOf(settings);
  const kinds = FINDING_KINDS.filter((kind) => handlingOf(findings, kind) === 'correct');
  const batch = (await isObserved(tx, target))
    ? null
    : await submitCorrections(tx, engine, target, await tx.findings.correctable(target, kinds, id, tx.context.now));
  await tendQuarantine(tx, run);
  return batch;
}
