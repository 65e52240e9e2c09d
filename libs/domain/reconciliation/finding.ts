/** Differences between what a target holds and what Tenure knows and policy justifies. */
export const FINDING_KINDS = [
  /** Account of nobody whom Tenure knows. */
  'orphan-account',
  /** Account that somebody who left can use, or that should have been deleted. */
  'leaver-account',
  /** Account that should be there and is not. */
  'missing-account',
  /** Enabled account that should be disabled. */
  'account-enabled',
  /** Disabled account that should be enabled. */
  'account-disabled',
  /** Mapped attribute with another value. */
  'attribute-drift',
  /** Managed membership that nothing justifies. */
  'entitlement-outside-policy',
  /** Membership that policy gives and the target does not show. */
  'entitlement-missing',
  /** Account that the configuration protects: listed, never changed. */
  'protected-account',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Evidence of a finding: states and names, never values. */
export interface FindingEvidence {
  /** State of the account in the target; `null`: the target does not report it. Absent: there is no account. */
  readonly enabled?: boolean | null;
  /** Desired state. Absent: nobody's account. */
  readonly desired?: 'enabled' | 'disabled' | 'absent';
  /** Id of the identity whose mark an account bears that is not known as theirs. */
  readonly markedFor?: string;
  /** How it was seen: in the listing, or by looking at that account alone. */
  readonly seenBy: 'listing' | 'look';
}

/** One difference. Its kind, account and name identify it from one run to the next. */
export interface Difference {
  readonly kind: FindingKind;
  /** The account that it is about: the id of Tenure's account, else the target's own id. */
  readonly subject: string;
  /** Name of the attribute or the group; `''`: of the account as a whole. */
  readonly name: string;
  readonly identityId: string | null;
  readonly accountId: string | null;
  readonly nativeId: string | null;
  /** User name of an account that is nobody's; `null`: it is in the account. */
  readonly userName: string | null;
  /** True: somebody who left can use an account. */
  readonly isUrgent: boolean;
  /** False: it rests on something that the listing did not show, which the target has to be asked for once more. */
  readonly isProven: boolean;
  readonly evidence: FindingEvidence;
}
