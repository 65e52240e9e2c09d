import type { AcceptedWrites, DesiredAccount, Instant, ObservedAccount } from '@tenure/domain';

export interface StoredAccount {
  readonly id: string;
  readonly identityId: string;
  readonly target: string;
  readonly userName: string;
  readonly nativeId: string | null;
  readonly desired: DesiredAccount;
  readonly observed: ObservedAccount | null;
  readonly observedAt: Instant | null;
  readonly confirmedAt: Instant | null;
  /** When the desired state was carried out, where the target cannot show some of it; `null`: it is confirmed, or under way. */
  readonly notVisibleAt: Instant | null;
  /**
   * Since when a reconciliation run has shown that others changed the account, while nobody has approved the correction; `null`: no run has, it is
   * approved, or another state is desired by now.
   */
  readonly driftedAt: Instant | null;
  /** Since when it is known to be protected (`protectedAccounts` of its target): it is read, and only a person changes it. `null`: it is not. */
  readonly protectedAt: Instant | null;
  /** Writes of Tenure that the target has accepted: the only evidence where the target shows nothing. */
  readonly accepted: AcceptedWrites;
  readonly existed: boolean;
  readonly everEnabled: boolean;
  readonly desiredSince: Instant;
  /** Ids of identities from which a repair has moved it: the target may still show their mark. Absent: none. */
  readonly formerIdentities?: readonly string[];
}
