import { type FindingKind, InputInvalid, isCorrectable } from '@tenure/domain';
import type { BatchChange, Finding, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { isObserved } from '../reconciliation/is-observed.ts';
import { settleFindings } from './settle-findings.ts';
import { submitCorrections } from './submit-corrections.ts';

/** Findings whose correction a person requests. */
export interface CorrectionWish {
  readonly target: string;
  readonly kind: FindingKind;
  /** Group or attribute; `null`: every name. */
  readonly name: string | null;
  /** Ids of the findings; `null`: all open ones of this kind and name. */
  readonly ids: readonly string[] | null;
  readonly reason: string;
}

/**
 * Has open findings corrected on request, whatever their handling is: within the change budget at once, else they wait for approval.
 * @throws InputInvalid when there is nothing to correct, or nothing may be written into the target
 */
export async function correctFindings(tx: Transaction, engine: Engine, { target, kind, name, ids, reason }: CorrectionWish): Promise<BatchChange> {
  if (await isObserved(tx, target)) throw new InputInvalid(`target: ${target} is only observed: switch it on before its findings are corrected`, { target });
  const found = ids === null ? await tx.findings.openOfKind(target, kind, name ?? undefined) : await tx.findings.openOf(ids);
  const others = (ids ?? []).filter((id) => !found.some((finding) => finding.id === id && finding.target === target && finding.kind === kind));
  if (others.length > 0)
    throw new InputInvalid(`ids: ${others.length} of these are no open findings of the kind ${kind} in ${target}`, { id: others[0] ?? '' });
  const wanted = found.filter((finding) => name === null || finding.name === name);
  if (wanted.length === 0) throw new InputInvalid(`there is no open finding of the kind ${kind} in ${target}`, { target, kind });
  const underWay = await tx.findings.beingCorrected(wanted.map(({ id }) => id));
  const correctable = wanted.filter((finding) => isCorrectable(finding) && !underWay.includes(finding.id));
  if (correctable.length === 0) throw new InputInvalid(whyNone(wanted, underWay.length), { target, kind });
  const batch = await submitCorrections(tx, engine, target, correctable, reason);
  if (batch === null) throw new InputInvalid(whyNone(wanted, underWay.length), { target, kind });
  await settleFindings(tx, engine, target);
  return (await tx.batchChanges.get(batch.id)) ?? batch;
}

function whyNone([first]: readonly Finding[], underWay: number): string {
  if (underWay > 0) return 'the correction of these findings is under way already';
  if (first?.kind === 'orphan-account' || first?.kind === 'leaver-account')
    return 'the account bears the mark of a person whose account Tenure does not know: bind it to them (adoptAccount), or delete it in the target';
  return `findings of the kind ${first?.kind ?? ''} cannot be corrected by Tenure`;
}
