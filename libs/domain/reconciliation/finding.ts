import type { Instant } from '../identity/facts.ts';

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
  /** Second account of a person: with their mark or a key of theirs, beside the account that Tenure knows. */
  'duplicate-account',
  /** Account without an identity whose keys are those of exactly one person, who has no other account there: proposed as theirs. */
  'ownable-account',
  /** Account that nobody has used for the configured time. */
  'dormant-account',
  /** Membership in a group that policy does not know. */
  'entitlement-unmanaged',
  /** Group of the policy that does not exist in the target. */
  'group-missing',
  /** SoD rule that a person violates with access found in the target. */
  'separation-violation',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * Event that may have caused a finding, by its id. `batch`: the last batch change that changed the account; `operation`: the last one that failed or was
 * abandoned; `suspension`: in force for the account; `policy`: the version in force, newer than the last change of the account; `restored`: the target
 * shows an older state (`restoredSince`); `rebuilt`: it shows almost all accounts under other ids (`isRebuilt`).
 */
export type FindingCause =
  | { readonly kind: 'batch'; readonly batchId: string }
  | { readonly kind: 'operation'; readonly operationId: string; readonly status: 'failed' | 'given-up' }
  | { readonly kind: 'suspension'; readonly suspensionId: string }
  | { readonly kind: 'policy'; readonly version: number }
  | { readonly kind: 'restored'; readonly since: Instant }
  | { readonly kind: 'rebuilt' };

/** Evidence of a finding: states and names, never values. */
export interface FindingEvidence {
  /** State of the account in the target; `null`: the target does not report it. Absent: there is no account. */
  readonly enabled?: boolean | null;
  /** Desired state. Absent: the account has no identity. */
  readonly desired?: 'enabled' | 'disabled' | 'absent';
  /** Id of the identity whose mark an account has that is not known as theirs. */
  readonly markedFor?: string;
  /** Proof of the owner: `mark`, Tenure's mark; `keys`, values of the attributes in `keys`. Absent: no owner is proposed. */
  readonly ownedBy?: 'mark' | 'keys';
  /** Names of the mapped attributes whose values are equal to those of the person. */
  readonly keys?: readonly string[];
  /** Whole days since the last use, or since it was created. Absent: the finding is not about use. */
  readonly unusedDays?: number;
  /** True if it was never used since Tenure created it. */
  readonly neverUsed?: true;
  /** Policy names of the entitlements that violate the rule together, and of those among them that were found in targets. */
  readonly names?: readonly string[];
  readonly found?: readonly string[];
  /** Absent: none is known. */
  readonly cause?: FindingCause;
  /** Kind of read: `listing`, of all accounts; `look`, of that account alone. */
  readonly seenBy: 'listing' | 'look';
}

/** One difference. Its kind, account and name identify it from one run to the next. */
export interface Difference {
  readonly kind: FindingKind;
  /** Account that it is about: the id of Tenure's account, otherwise the target's own id. Of a missing group its name, of a violated rule the identity's id. */
  readonly subject: string;
  /** Name of the attribute, group or SoD rule; `''`: the account as a whole. */
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
