import type { BatchChangeKind } from '../batches/change-budget.ts';
import type { CountedChange } from '../batches/counted-changes.ts';
import type { Difference, FindingEvidence, FindingKind } from './finding.ts';

/** An open finding, as far as its correction depends on it. */
export interface CorrectableFinding extends Pick<Difference, 'kind' | 'name' | 'subject' | 'identityId' | 'accountId' | 'nativeId' | 'userName' | 'evidence'> {
  readonly id: string;
  readonly target: string;
}

/** Correction of one account: all its findings together. */
export interface CorrectionItem {
  /** Id of Tenure's account, otherwise the target's own id. */
  readonly key: string;
  /** `null`: an account of nobody. */
  readonly identityId: string | null;
  readonly accountId: string | null;
  readonly nativeId: string | null;
  /** User name of an account of nobody. */
  readonly userName: string | null;
  readonly findingIds: readonly string[];
  /** Changes as the change budget counts them. */
  readonly changes: readonly CountedChange[];
}

const CHANGE_OF: Readonly<Partial<Record<FindingKind, BatchChangeKind>>> = {
  // Its deletion after the grace needs no second approval: until then it can be restored.
  'orphan-account': 'disable',
  'missing-account': 'create',
  'account-enabled': 'disable',
  'account-disabled': 'enable',
  'attribute-drift': 'update',
  'entitlement-outside-policy': 'lose',
  'entitlement-missing': 'gain',
};

/**
 * True if Tenure can correct a finding: an account that it knows, or an account of nobody. One that bears the mark of an identity and is not known as
 * theirs is not nobody's: a person has to say whose it is.
 */
export function isCorrectable({ kind, accountId, nativeId, evidence }: Pick<CorrectableFinding, 'kind' | 'accountId' | 'nativeId' | 'evidence'>): boolean {
  if (kind === 'orphan-account') return accountId === null && nativeId !== null && evidence.markedFor === undefined;
  return accountId !== null && (kind === 'leaver-account' || CHANGE_OF[kind] !== undefined);
}

/** Corrections of findings, one for each account, in the order of their keys. */
export function correctionItems(findings: readonly CorrectableFinding[]): readonly CorrectionItem[] {
  const bySubject = new Map<string, CorrectableFinding[]>();
  for (const finding of findings.filter(isCorrectable)) bySubject.set(finding.subject, [...(bySubject.get(finding.subject) ?? []), finding]);
  return [...bySubject]
    .map(([key, [first, ...others]]): CorrectionItem | null => {
      if (first === undefined) return null;
      const all = [first, ...others];
      const { identityId, accountId, nativeId, userName, target } = first;
      const kinds = [...new Set(all.map(changeOf))].sort();
      const changes = kinds.map((kind) => ({ target, kind }));
      return { key, identityId, accountId, nativeId, userName, findingIds: all.map(({ id }) => id).sort(), changes };
    })
    .filter((item) => item !== null)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function changeOf({ kind, evidence }: { readonly kind: FindingKind; readonly evidence: FindingEvidence }): BatchChangeKind {
  if (kind === 'leaver-account') return evidence.desired === 'absent' ? 'delete' : 'disable';
  return CHANGE_OF[kind] ?? 'update';
}

/** Name under which the corrections of a target use the change budget. No source can have it. */
export function correctionsOf(target: string): string {
  return `corrections/${target}`;
}
