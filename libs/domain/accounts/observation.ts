import type { Instant } from '../identity/facts.ts';

/**
 * Verdict on one aspect of an observed account. `ABSENT`: the target could have shown it and did not. `NOT_VISIBLE`: the target does not
 * show such a thing, the search did not cover it, or the answer was not trusted.
 */
export const VERDICTS = ['PRESENT', 'ABSENT', 'NOT_VISIBLE'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Aspects of an account that an observation is about: existence, enabled state, one mapped attribute, one membership. */
export const ASPECTS = ['existence', 'state', 'attribute', 'membership'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** Evidence about one membership from a target's answer. `verdictOf` derives the verdict from it. */
export const MEMBERSHIP_EVIDENCE = [
  /** The target shows the account in this group. */
  'shown',
  /** The target shows other members of this group, or other groups of this account, but not this one, in a complete answer. */
  'others-shown',
  /** The target shows no member. It proves absence only if the target has shown a member of that group before. */
  'nothing-shown',
  /** The target answers that there is no group with this id. */
  'no-such-group',
  /** The target ignored the requested filter. */
  'not-filtered',
  /** The target shows a former name of the account in this group. The membership has no effect until another account gets that name. */
  'former-name',
  /** The answer is incomplete, or may be. */
  'incomplete',
  /** The target cannot show it. */
  'not-supported',
] as const;
export type MembershipEvidence = (typeof MEMBERSHIP_EVIDENCE)[number];

/** A membership about which a target is asked. */
export interface MembershipQuestion {
  /** The group's name as policy writes it: `Entitlement.value`. */
  readonly entitlement: string;
  /** The target's own id of the group, stored when the membership was added; `null`: not known. */
  readonly groupId: string | null;
  /** True if the membership is desired for this account, or Tenure added it. Others are answered only from data that is read anyway. */
  readonly isNeeded: boolean;
}

/** Answer of a target to one `MembershipQuestion`. */
export interface MembershipSighting {
  /** Name as in the question, even if the target writes it differently. */
  readonly entitlement: string;
  /** The target's own id of the group, which stays the same when the group is renamed. `null`: the target has none, or did not return it. */
  readonly groupId: string | null;
  readonly evidence: MembershipEvidence;
}

/** A row of the ledger: the last observation of one aspect of an account. */
export interface Observation {
  readonly aspect: Aspect;
  /** Name of the attribute, or of the group as policy writes it; `''` for existence and state. */
  readonly name: string;
  readonly verdict: Verdict;
  /** `enabled` or `disabled` for a state, the target's id of the group for a membership, a digest of the value for an attribute; `null`: none. */
  readonly value: string | null;
  /** Kind of the target's answer: `MembershipEvidence` of a membership, else one of `read`, `other-value`, `nothing-shown`, `not-supported`. */
  readonly evidence: string;
  /** Desired state when it was observed: `enabled`, `disabled` or `absent`; `present` or `absent` for a membership; a digest for an attribute. */
  readonly desired: string | null;
  /** Number of consecutive reads with the same result and the same desired state; those too soon after one another to stop a write count as one. */
  readonly readings: number;
  /** Time of the first of them. */
  readonly since: Instant;
}

/** Returns the verdict on a membership. @param wasShown true if a member of that group was observed before */
export function verdictOf(evidence: MembershipEvidence, wasShown: boolean): Verdict {
  switch (evidence) {
    case 'shown':
      return 'PRESENT';
    case 'others-shown':
    case 'no-such-group':
      return 'ABSENT';
    case 'nothing-shown':
      return wasShown ? 'ABSENT' : 'NOT_VISIBLE';
    case 'not-filtered':
    case 'former-name':
    case 'incomplete':
    case 'not-supported':
      return 'NOT_VISIBLE';
  }
}
