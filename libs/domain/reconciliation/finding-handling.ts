import { FINDING_KINDS, type FindingKind } from './finding.ts';

/**
 * Handling of the findings of one kind. `correct`: corrected as a batch change, within the change budget; `case`: a case for a person; `adopt`: the
 * account is bound to the person whom `adoptBy` names, else a case; `ignore`: listed only.
 */
export const FINDING_HANDLINGS = ['correct', 'case', 'adopt', 'ignore'] as const;
export type FindingHandling = (typeof FINDING_HANDLINGS)[number];

/** Handling by kind, from `targets.<name>.reconciliation.findings`; absent kinds are handled as a case. */
export type FindingHandlings = Readonly<Partial<Record<FindingKind, FindingHandling>>>;

/** Kinds that can be handled otherwise than as a case, or ignored. */
const POSSIBLE: Readonly<Partial<Record<FindingKind, readonly FindingHandling[]>>> = {
  'orphan-account': ['correct', 'case', 'adopt', 'ignore'],
  'leaver-account': ['correct', 'case'],
  'missing-account': ['correct', 'case', 'ignore'],
  'account-enabled': ['correct', 'case', 'ignore'],
  'account-disabled': ['correct', 'case', 'ignore'],
  'attribute-drift': ['correct', 'case', 'ignore'],
  'entitlement-outside-policy': ['correct', 'case', 'ignore'],
  'entitlement-missing': ['correct', 'case', 'ignore'],
  'protected-account': [],
  'ownable-account': ['case', 'adopt', 'ignore'],
};

/** Kinds of findings whose handling can be configured. */
export const HANDLED_KINDS: readonly FindingKind[] = FINDING_KINDS.filter((kind) => handlingsOf(kind).length > 0);

/** Possible handlings of a kind; empty: its findings are only listed. */
export function handlingsOf(kind: FindingKind): readonly FindingHandling[] {
  return POSSIBLE[kind] ?? ['case', 'ignore'];
}

/** Handling of a kind in a target. */
export function handlingOf(handlings: FindingHandlings | undefined, kind: FindingKind): FindingHandling {
  if (handlingsOf(kind).length === 0) return 'ignore';
  return handlings?.[kind] ?? 'case';
}

/** Reason why a kind cannot be handled in this way, with what to do instead; `null`: it can. */
export function whyNotHandled(kind: string, handling: string): string | null {
  const known = FINDING_KINDS.find((one) => one === kind);
  if (known === undefined) return `there is no kind of finding ${kind}; there is ${HANDLED_KINDS.join(', ')}`;
  const possible = handlingsOf(known);
  if (possible.some((one) => one === handling)) return null;
  if (possible.length === 0) return `findings of the kind ${kind} are only listed: take the account out of protectedAccounts to have it handled`;
  if (handling === 'adopt') return `${kind} cannot be adopted, only orphan-account and ownable-account; there is ${possible.join(', ')}`;
  if (handling === 'ignore')
    return `${kind} is never ignored as a whole: ignore single findings until a date (ignoreFindings); there is ${possible.join(', ')}`;
  if (handling === 'correct') return `Tenure cannot correct ${kind}; there is ${possible.join(', ')}`;
  return `${handling} is no handling of a finding; there is ${possible.join(', ')}`;
}
