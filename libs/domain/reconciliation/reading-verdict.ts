/** Verdict on one reading of a whole target: everything may be concluded from it, or only what it shows, or nothing at all. */
export const READING_VERDICTS = ['complete', 'partial', 'not-believed'] as const;
export type ReadingVerdict = (typeof READING_VERDICTS)[number];

/** Reasons why a reading is not complete. */
export const READING_REASONS = [
  /** A page was answered with an error, or not at all. */
  'error',
  /** A page was answered with a redirect: something else stands at the address. */
  'redirect',
  /** The reading ended before the last page. */
  'unfinished',
  /** No account, in a target that is known to hold some. */
  'empty',
  /** Far fewer accounts than in the last believed reading. */
  'shrunken',
  /** An account was answered twice, so others may have been left out. */
  'repeated-ids',
  /** Another number of accounts than the target announced. */
  'total-missed',
  /** The announced number changed while pages were counted by position, so that accounts may have slipped from one page to another. */
  'total-changed',
  /** The target says that it does not show all accounts: a referral, a limit, row security. */
  'hidden-accounts',
  /** An account that the target shows when it is asked for it is missing in the listing. */
  'canary-missing',
  /** The target did not say whether an account that is missing in the listing is there. */
  'canary-unanswered',
  /** The stored rows are not those that were read: the database was restarted in between. */
  'rows-lost',
] as const;
export type ReadingReason = (typeof READING_REASONS)[number];

/** What a reading has shown of itself. */
export interface ReadingProof {
  /** Code of the error that ended it; `null`: none did. */
  readonly failure: { readonly code: string; readonly reason: string | null } | null;
  /** True: the target said that no page follows. */
  readonly isFinished: boolean;
  /** Different accounts that were read. */
  readonly accounts: number;
  /** Rows that are stored of them. */
  readonly rows: number;
  /** Accounts that were answered once more. */
  readonly repeated: number;
  /** Number of accounts that the target announced last; `null`: it announces none. */
  readonly total: number | null;
  /** The announced number was not the same on all pages. */
  readonly totalChanged: boolean;
  /** True: pages are counted by position, so accounts that come and go move the others. */
  readonly isByPosition: boolean;
  /** Why the target may hide accounts; `null`: it says nothing of the kind. */
  readonly doubt: string | null;
  /** Accounts of the last believed reading; `null`: there was none, or fewer are expected this time. */
  readonly before: number | null;
  /** Accounts that were confirmed to be there, and that nobody has removed through Tenure since. */
  readonly known: number;
  /** Of the accounts confirmed last, those that the listing lacks and the target shows when it is asked for each. */
  readonly canariesHidden: number;
  /** Of the accounts confirmed last, those that the listing lacks and the target did not answer about. */
  readonly canariesUnanswered: number;
}

export interface EvaluatedReading {
  readonly verdict: ReadingVerdict;
  /** The gravest first; empty for a complete one. */
  readonly reasons: readonly ReadingReason[];
}

/** A reading is shrunken when it lacks more than this share of the last believed one, and more than this number. */
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

/** Evaluates whether a reading proves that it is complete. */
export function evaluateReading(proof: ReadingProof): EvaluatedReading {
  const found = new Set(reasonsOf(proof));
  const reasons = (Object.keys(VERDICT_OF) as ReadingReason[]).filter((reason) => found.has(reason));
  const [gravest] = reasons;
  return { verdict: gravest === undefined ? 'complete' : VERDICT_OF[gravest], reasons };
}

/** True: what is missing in the reading is not there, and a finding that it does not show is over. */
export function provesAbsence(verdict: ReadingVerdict): boolean {
  return verdict === 'complete';
}

/** True: what the reading shows is there. */
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
  if (proof.canariesHidden > 0) reasons.push('canary-missing');
  if (proof.canariesUnanswered > 0) reasons.push('canary-unanswered');
  return reasons;
}

function sizeReasons({ accounts, before, known }: ReadingProof): readonly ReadingReason[] {
  if (accounts === 0) return known > 0 || (before ?? 0) > 0 ? ['empty'] : [];
  if (before === null) return [];
  return before - accounts > Math.max(SHRINKAGE.accounts, before * SHRINKAGE.share) ? ['shrunken'] : [];
}
