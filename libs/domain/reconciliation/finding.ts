/** Kinds of differences between the observed state of a target and the state that Tenure knows and policy justifies. */
export const FINDING_KINDS = [
  /** Account without an identity in Tenure. */
  'orphan-account',
  /** Account that a leaver can use, or that should have been deleted. */
  'leaver-account',
  /** Desired account that does not exist. */
  'missing-account',
  /** Enabled account that should be disabled. */
  'account-enabled',
  /** Disabled account that should be enabled. */
  'account-disabled',
  /** Mapped attribute with another value. */
  'attribute-drift',
  /** Managed membership without a justification. */
  'entitlement-outside-policy',
  /** Desired membership that the target does not show. */
  'entitlement-missing',
  /** Account that the configuration protects: listed, never changed. */
  'protected-account',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Evidence of a finding: states and names, never values. */
export interface FindingEvidence {
  /** State of the account in the target; `null`: the target does not report it. Absent: there is no account. */
  readonly enabled?: boolean | null;
  /** Desired state. Absent: the account has no identity. */
  readonly desired?: 'enabled' | 'disabled' | 'absent';
  /** Id of the identity whose mark an account has that is not known as theirs. */
  readonly markedFor?: string;
  /** Kind of read: `listing`, of all accounts; `look`, of that account alone. */
  readonly seenBy: 'listing' | 'look';
}

/** One difference. Its kind, account and name identify it from one run to the next. */
export interface Difference {
  readonly kind: FindingKind;
  /** Account that it is about: the id of Tenure's account, otherwise the target's own id. */
  readonly subject: string;
  /** Name of the attribute or the group; `''`: the account as a whole. */
  readonly name: string;
  readonly identityId: string | null;
  readonly accountId: string | null;
  readonly nativeId: string | null;
  /** User name of an account without an identity; `null`: it is in the account. */
  readonly userName: string | null;
  /** True if a leaver can use an account. */
  readonly isUrgent: boolean;
  /** False if it is based on data that the listing did not show, so that the account must be read alone. */
  readonly isProven: boolean;
  readonly evidence: FindingEvidence;
}
