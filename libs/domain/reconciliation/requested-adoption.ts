import type { Instant } from '../identity/facts.ts';
import type { NotNobodys } from './why-not-nobodys.ts';

/** State of a requested adoption. `refused`: the account, or the person, is not as the requester believed; nothing was bound. */
export const ADOPTION_STATES = ['requested', 'adopted', 'refused'] as const;
export type AdoptionState = (typeof ADOPTION_STATES)[number];

/**
 * Reason for which an account is not bound, beside those of `NotNobodys`. `other-keys`: its keys are no longer the person's, to whom they led;
 * `not-possible`: the person, or the finding, does not allow it by now.
 */
export type AdoptionObjection = NotNobodys | 'other-keys' | 'not-possible';

/** Adoption of an account of nobody that a person has requested. A worker looks at the account before it is bound. */
export interface RequestedAdoption {
  readonly state: AdoptionState;
  /** Id of the person whose account it is to be. */
  readonly identityId: string;
  /** Kind and id of the actor. */
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  /** Reason for which it was refused, or, while it is requested, for which it is tried again: `AdoptionObjection`, or code of the target's error. `null`: none. */
  readonly code: string | null;
  /** The same in words, of Tenure or of the target, without data about people. */
  readonly message: string | null;
  readonly attempts: number;
  /** When a worker looks at the account next; `null`: it is settled. */
  readonly nextAt: Instant | null;
  readonly settledAt: Instant | null;
}
