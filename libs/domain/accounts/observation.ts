import type { Instant } from '../identity/facts.ts';

/**
 * Verdict on one aspect from a reading of a target. `ABSENT`: the reading could have shown it and did not. `NOT_VISIBLE`: the target does not
 * show such a thing, the search did not reach there, or the answer was not believed.
 */
export const VERDICTS = ['PRESENT', 'ABSENT', 'NOT_VISIBLE'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Aspects of an account that an observation is about: existence, enabled state, one mapped attribute, one membership. */
export const ASPECTS = ['existence', 'state', 'attribute', 'membership'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** How a target answered about one membership. The verdict follows from it: `verdictOf`. */
export const MEMBERSHIP_EVIDENCE = [
  /** The target shows the account in this group. */
  'shown',
  /** The target shows other members of this group, or other groups of this account, in an answer that is whole; not this one. */
  'others-shown',
  /** The target shows no member at all. It proves absence only where it has shown a member of that group before. */
  'nothing-shown',
  /** The target says that the group with this id is gone. */
  'no-such-group',
  /** The answer was not filtered as was asked. */
  'not-filtered',
  /** The target shows a former name of the account in this group: it counts for nobody, until somebody is given that name. */
  'former-name',
  /** The answer is not whole, or may not be. */
  'incomplete',
  /** The target has no way of showing it. */
  'not-supported',
] as const;
export type MembershipEvidence = (typeof MEMBERSHIP_EVIDENCE)[number];

/** A membership that a reading is to show. */
export interface MembershipQuestion {
  /** The group's name as policy writes it: `Entitlement.value`. */
  readonly entitlement: string;
  /** The target's own id of the group, remembered from when the membership was given; `null`: not known. */
  readonly groupId: string | null;
  /** True: the membership is desired for this account, or Tenure added it. Others are answered only from what is read anyway. */
  readonly isNeeded: boolean;
}

/** How a target answered one `MembershipQuestion`. */
export interface MembershipSighting {
  /** As it was asked, however the target writes it. */
  readonly entitlement: string;
  /** The target's own id of the group: it stays when the group is renamed. `null`: the target has none, or did not say. */
  readonly groupId: string | null;
  readonly evidence: MembershipEvidence;
}

/** A row of the ledger: what the last reading showed of one thing of an account. */
export interface Observation {
  readonly aspect: Aspect;
  /** Name of the attribute, or of the group as policy writes it; `''` for existence and state. */
  readonly name: string;
  readonly verdict: Verdict;
  /** `enabled` or `disabled` for a state, the target's id of the group for a membership, a digest of the value for an attribute; `null`: none. */
  readonly value: string | null;
  /** How the target answered: `MembershipEvidence` of a membership, else one of `read`, `other-value`, `nothing-shown`, `not-supported`. */
  readonly evidence: string;
  /** Desired state at the reading: `enabled`, `disabled` or `absent`; `present` or `absent` for a membership; a digest for an attribute. */
  readonly desired: string | null;
  /** Readings in a row that showed the same while the same was desired; those that come too soon to stop a write count as one. */
  readonly readings: number;
  /** When the first of them was made. */
  readonly since: Instant;
}

/** The verdict on a membership. @param wasShown whether a reading has shown somebody in that group before */
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
