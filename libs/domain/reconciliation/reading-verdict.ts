/** Verdict on one read of a whole target: `complete` proves presence and absence, `partial` only presence, `not-believed` nothing. */
export const READING_VERDICTS = ['complete', 'partial', 'not-believed'] as const;
export type ReadingVerdict = (typeof READING_VERDICTS)[number];

/** Reasons for which a read is not complete. */
export const READING_REASONS = [
  /** A page was answered with an error, or not at all. */
  'error',
  /** A page was answered with a redirect: another server or path is at the address. */
  'redirect',
  /** The read ended before the last page. */
  'unfinished',
  /** No account, in a target that is known to have some. */
  'empty',
  /** The number of accounts is far lower than in the last trusted read. */
  'shrunken',
  /** An account was returned twice, so others may be missing. */
  'repeated-ids',
  /** The number of accounts differs from the one that the target announced. */
  'total-missed',
  /** The announced number changed while pages were counted by position, so that accounts may have moved from one page to another. */
  'total-changed',
  /** The target reports that it does not show all accounts: a referral, a limit, row security. */
  'hidden-accounts',
  /** An account that the configuration names, or that the target shows when it is read alone, is missing in the listing. */
  'canary-missing',
  /** The target did not answer about an account that is missing in the listing. */
  'canary-unanswered',
  /** The stored rows are not those that were read: the database was restarted in between. */
  'rows-lost',
] as const;
export type ReadingReason = (typeof READING_REASONS)[number];

/** Properties of a read from which its verdict follows. */
export interface ReadingProof {
  /** Code of the error that ended it; `null`: none did. */
  readonly failure: { readonly code: string; readonly reason: string | null } | null;
  /** True if the target reported that no page follows. */
  readonly isFinished: boolean;
  /** Number of different accounts that were read. */
  readonly accounts: number;
  /** Number of rows that are stored for them. */
  readonly rows: number;
  /** Number of accounts that were returned more than once. */
  readonly repeated: number;
  /** Number of accounts that the target announced last; `null`: it announces none. */
  readonly total: number | null;
  /** True if the announced number differs between pages. */
  readonly totalChanged: boolean;
  /** True if pages are counted by position, so that added and removed accounts move the others. */
  readonly isByPosition: boolean;
  /** Reason for which the target may hide accounts; `null`: none was reported. */
  readonly doubt: string | null;
  /** Number of accounts of the last trusted read; `null`: there was none, or fewer are expected this time. */
  readonly before: number | null;
  /** Number of accounts that were confirmed to exist, and not removed through Tenure since. */
  readonly known: number;
  /** Number of the accounts confirmed last that the listing lacks and the target shows when each is read alone. */
  readonly canariesHidden: number;
  /** Number of the accounts confirmed last that the listing lacks and about which the target did not answer. */
  readonly canariesUnanswered: number;
  /** Number of the user names under `reconciliation.canaries` that the listing lacks. */
  readonly canariesUnlisted: number;
}

export interface EvaluatedReading {
  readonly verdict: ReadingVerdict;
  /** Reasons, the most serious first; empty for a complete read. */
  readonly reasons: readonly ReadingReason[];
}

/** Thresholds of `shrunken`: more than this share of the last trusted read is missing, and more than this number of accounts. */
const SHRINKAGE = { share: 0.2, accounts: 3 } as const;

const VERDICT_OF: Readonly<Record<ReadingReason, Exclude<ReadingVerdict, 'complete'>>> = {
  'rows-lost': 'not-believed',
  redirect: 'not-believed',
  empty: 'not-believed',
  shrunken: 'not-believed',
  'repeated-ids': 'not-believed',
  'canary-missing': 'not-believed',
  error: 'partial',
  unfinished: 'partial',
  'total-missed': 'partial',
  'total-changed': 'partial',
  'hidden-accounts': 'partial',
  'canary-unanswered': 'partial',
};

/** Evaluates whether a read is proved to be complete. */
export function evaluateReading(proof: ReadingProof): EvaluatedReading {
  const found = new Set(reasonsOf(proof));
  const reasons = (Object.keys(VERDICT_OF) as ReadingReason[]).filter((reason) => found.has(reason));
  const [gravest] = reasons;
  return { verdict: gravest === undefined ? 'complete' : VERDICT_OF[gravest], reasons };
}

/** True if accounts that are missing in the read do not exist, and findings that it does not show are closed. */
export function provesAbsence(verdict: ReadingVerdict): boolean {
  return verdict === 'complete';
}

/** True if accounts that the read shows exist. */
export function provesPresence(verdict: ReadingVerdict): boolean {
  return verdict !== 'not-believed';
}

function reasonsOf(proof: ReadingProof): readonly ReadingReason[] {
  const { failure, isFinished, accounts, rows, repeated, total, totalChanged, isByPosition, doubt } = proof;
  if (failure !== null) return [failure.reason === 'REDIRECT' ? 'redirect' : 'error', ...(rows === accounts ? [] : ['rows-lost' as const])];
  const reasons: ReadingReason[] = [];
  if (rows !== accounts) reasons.push('rows-lost');
  if (!isFinished) reasons.push('unfinished');
  if (repeated > 0) reasons.push('repeated-ids');
  if (totalChanged) {
    if (isByPosition) reasons.push('total-changed');
  } else if (total !== null && isFinished && total !== accounts) reasons.push('total-missed');
  if (doubt !== null) reasons.push('hidden-accounts');
  if (isFinished) reasons.push(...sizeReasons(proof));
  if (proof.canariesHidden > 0 || (isFinished && proof.canariesUnlisted > 0)) reasons.push('canary-missing');
  if (proof.canariesUnanswered > 0) reasons.push('canary-unanswered');
  return reasons;
}

function sizeReasons({ accounts, before, known }: ReadingProof): readonly ReadingReason[] {
  if (accounts === 0) return known > 0 || (before ?? 0) > 0 ? ['empty'] : [];
  if (before === null) return [];
  return before - accounts > Math.max(SHRINKAGE.accounts, before * SHRINKAGE.share) ? ['shrunken'] : [];
}
