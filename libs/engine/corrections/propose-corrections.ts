import { FINDING_KINDS, handlingOf, provesPresence } from '@tenure/domain';
import type { BatchChange, ReconciliationRun, Transaction } from '@tenure/store';
import { reconciliationOf } from '@tenure/config';
import type { Engine } from '../decide/engine.ts';
import { submitCorrections } from './submit-corrections.ts';

/**
 * Makes a batch change of the findings of a believed run that are to be corrected. A finding is corrected by itself once: one that is still there
 * afterwards, or whose correction somebody has discarded, is a case. Safe to repeat.
 */
export async function proposeCorrections(tx: Transaction, engine: Engine, { id, target, verdict }: ReconciliationRun): Promise<BatchChange | null> {
  const settings = engine.configuration.targets[target];
  if (settings === undefined || verdict === null || !provesPresence(verdict)) return null;
  const { findings } = reconciliationOf(settings);
  const kinds = FINDING_KINDS.filter((kind) => handlingOf(findings, kind) === 'correct');
  return submitCorrections(tx, engine, target, await tx.findings.correctable(target, kinds, id, tx.context.now));
}
